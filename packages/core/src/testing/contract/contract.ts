import { ServingError } from "../../errors.js";

/** One case of a contract: a sentence about behaviour, and the work that fails with an Error where it does not hold. */
export interface ContractCase {
  /** What is claimed; of a skipped case with the reason after it, so that any runner shows it. */
  readonly name: string;
  /** Why the case is skipped; its `run` then does nothing. */
  readonly skipped?: string;
  /** Has no time limit of its own: what never happens is left to the runner's. */
  readonly run: () => Promise<void>;
}

/** What every contract takes beside its subject. */
export interface ContractOptions {
  /** Cases that the subject cannot meet, by name, each with the reason. */
  readonly skip?: Readonly<Record<string, string>> | undefined;
}

/** A case as a suite writes it: its work, or what is missing for it. */
export type CaseDefinition =
  | (() => Promise<void>)
  | { readonly missing: readonly string[]; readonly run: () => Promise<void> };

/** A case that can only be run with hooks that a subject need not have. */
export function needing<H extends object>(
  hooks: H,
  run: (hooks: { readonly [K in keyof H]-?: NonNullable<H[K]> }) => Promise<void>,
): CaseDefinition {
  const missing = Object.entries(hooks).flatMap(([name, hook]) => (hook === undefined ? [name] : []));
  // Never run while one of them is missing.
  return { missing, run: () => run(hooks as { readonly [K in keyof H]-?: NonNullable<H[K]> }) };
}

/**
 * Makes a contract of its cases.
 * @throws ServingError INVALID_ARGUMENT for a skip that names no case or has no reason, and for a case that lacks a hook
 * and is not skipped
 */
export function contractOf(
  contract: string,
  cases: Readonly<Record<string, CaseDefinition>>,
  { skip = {} }: ContractOptions,
): readonly ContractCase[] {
  for (const [name, reason] of Object.entries(skip)) {
    if (!Object.hasOwn(cases, name)) {
      throw invalid(`${contract} has no case "${name}" to skip; it has: ${Object.keys(cases).join("; ")}`);
    }
    if (typeof reason !== "string" || reason.trim() === "") {
      throw invalid(`${contract}: "${name}" is skipped without a reason; say why the subject cannot meet it`);
    }
  }
  return Object.entries(cases).map(([name, definition]) => {
    const reason = Object.hasOwn(skip, name) ? skip[name] : undefined;
    if (reason !== undefined) return { name: `${name} (skipped: ${reason})`, skipped: reason, run: async () => {} };
    const { missing, run } = typeof definition === "function" ? { missing: [], run: definition } : definition;
    if (missing.length === 0) return { name, run: () => run().catch(throwFirst) };
    throw invalid(
      `${contract}: "${name}" needs ${missing.join(", ")}; give it, or skip the case by name with a reason`,
    );
  });
}

/** Where the disposal fails as well, `await using` hides what a case failed with. */
function throwFirst(error: unknown): never {
  let first = error;
  while (first instanceof Error && first.name === "SuppressedError" && "suppressed" in first) first = first.suppressed;
  throw first;
}

function invalid(message: string): ServingError {
  return new ServingError("INVALID_ARGUMENT", message);
}
