import fc from "fast-check";
import type { Selector } from "../../handle.js";
import type { Dependency } from "../../loader.js";

/** Names of the models of a schedule. */
export const NAMES = ["a", "b", "c"] as const;

/** One of {@link NAMES}. */
export type Name = (typeof NAMES)[number];

/** A version as a list of a schedule has it. */
export interface Listed {
  readonly version: number;
  readonly revision: string;
  readonly memoryBytes: number;
  readonly dependency?: Dependency;
  /** The source could not make it. */
  readonly isBroken: boolean;
  /** It takes more once it is loaded than its loader had said. */
  readonly grows: boolean;
}

/** How a load ends. */
export type Outcome = "succeeds" | "fails" | "fails for good";

/** One step of a schedule. */
export type Command =
  | { readonly type: "list"; readonly source: Name; readonly name: Name; readonly versions: readonly Listed[] }
  | { readonly type: "load"; readonly which: number; readonly outcome: Outcome }
  | { readonly type: "release"; readonly which: number; readonly fails: boolean }
  | { readonly type: "acquire"; readonly name: Name; readonly selector: Selector }
  | { readonly type: "borrow"; readonly name: Name; readonly selector: Selector }
  | { readonly type: "wait"; readonly name: Name; readonly selector: Selector }
  | { readonly type: "abort"; readonly which: number }
  | { readonly type: "give-back"; readonly which: number; readonly again: boolean }
  | { readonly type: "label"; readonly name: Name; readonly version: number | undefined }
  | { readonly type: "advance"; readonly ms: number }
  | { readonly type: "end"; readonly name: Name; readonly fails: boolean }
  /** Does something in the very listener that hears the next event. */
  | { readonly type: "react"; readonly command: Command }
  | { readonly type: "settle" };

const name = fc.constantFrom(...NAMES);
const version = fc.integer({ min: 1, max: 3 });
const which = fc.nat(7);
const rarely = fc.nat(19).map((each) => each === 0);
const selector: fc.Arbitrary<Selector> = fc.oneof(
  fc.constant({}),
  fc.constant({ version: "earliest" as const }),
  version.map((each) => ({ version: each })),
  fc.constant({ label: "stable" }),
);
const dependency: fc.Arbitrary<Dependency> = fc
  .tuple(name, selector)
  .map(([part, choice]) => ({ name: part, ...choice }));

const listed = (withParts: boolean): fc.Arbitrary<Listed> =>
  fc
    .record({
      version,
      revision: fc.constantFrom("x", "x", "y"),
      memoryBytes: fc.nat(4),
      isBroken: rarely,
      grows: rarely,
      part: withParts ? fc.option(dependency, { freq: 2, nil: undefined }) : fc.constant(undefined),
    })
    .map(({ part, ...rest }) => (part === undefined ? rest : { ...rest, dependency: part }));

/** Schedules of commands; composites are among the versions if `withParts` is set. */
export function schedules(withParts: boolean): fc.Arbitrary<readonly Command[]> {
  const list: fc.Arbitrary<Command> = fc
    .record({ name, stranger: fc.option(name, { freq: 20 }), versions: fc.array(listed(withParts), { maxLength: 3 }) })
    .map((each) => ({ ...each, type: "list", source: each.stranger ?? each.name }));
  const outcome = fc.constantFrom<Outcome>("succeeds", "succeeds", "succeeds", "fails", "fails for good");
  const choices: fc.Arbitrary<Command>[] = [
    list,
    list,
    fc.record({ type: fc.constant("load"), which, outcome }),
    fc.record({ type: fc.constant("load"), which, outcome }),
    fc.record({ type: fc.constant("release"), which, fails: rarely }),
    fc.record({ type: fc.constant("acquire"), name, selector }),
    fc.record({ type: fc.constant("borrow"), name, selector }),
    fc.record({ type: fc.constant("wait"), name, selector }),
    fc.record({ type: fc.constant("abort"), which }),
    fc.record({ type: fc.constant("give-back"), which, again: fc.boolean() }),
    fc.record({ type: fc.constant("label"), name, version: fc.option(version, { nil: undefined }) }),
    fc.record({ type: fc.constant("advance"), ms: fc.constantFrom(1, 1_000, 5_000, 70_000) }),
    fc.record({ type: fc.constant("settle") }),
    fc.record({ type: fc.constant("settle") }),
  ];
  const react = fc.record({ type: fc.constant("react" as const), command: fc.oneof(...choices) });
  const end: fc.Arbitrary<Command> = fc.record({ type: fc.constant("end"), name, fails: fc.boolean() });
  const step = fc.oneof(
    ...choices.map((arbitrary) => ({ arbitrary, weight: 12 })),
    { arbitrary: react, weight: 12 },
    { arbitrary: end, weight: 1 },
  );
  return fc.array(step, { maxLength: 50, size: "max" });
}
