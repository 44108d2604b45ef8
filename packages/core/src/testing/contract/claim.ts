import type { ServingErrorCode } from "../../errors.js";

/**
 * Holds a contract's claim.
 * @throws Error with `message` where it does not hold
 */
export function claim(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}

/** Claims that two plain values are the same, written out. */
export function claimSame(found: unknown, wanted: unknown, what: string): void {
  claim(shown(found) === shown(wanted), `${what}: wanted ${short(wanted)}, got ${short(found)}`);
}

/** Claims that `work` fails, and gives what it fails with. */
export async function claimFails(work: () => unknown, what: string): Promise<unknown> {
  let given: unknown;
  try {
    given = await work();
  } catch (error) {
    return error;
  }
  throw new Error(`${what} must fail, but gave ${short(given)}`);
}

/** Claims that `work` fails with a message and one of `codes`, and gives the message. */
export async function claimCode(
  work: () => unknown,
  codes: ServingErrorCode | readonly ServingErrorCode[],
  what: string,
): Promise<string> {
  const wanted: readonly unknown[] = typeof codes === "string" ? [codes] : codes;
  const error = await claimFails(work, what);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  claim(wanted.includes(code), `${what} must fail with ${wanted.join(" or ")}, but failed with ${short(error)}`);
  const message = error instanceof Error ? error.message : "";
  claim(message !== "", `${what} fails without a message`);
  return message;
}

/** A value in a message. */
export function short(value: unknown): string {
  if (value instanceof Error) {
    const code = "code" in value ? ` ${String(value.code)}` : "";
    return `${value.name}${code}: ${value.message}`;
  }
  const text = shown(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

function shown(value: unknown): string {
  try {
    return JSON.stringify(value, plain) ?? String(value);
  } catch {
    return String(value);
  }
}

/** What JSON cannot tell apart, or cannot write. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)))
    return Object.is(value, -0) ? "-0" : String(value);
  if (value === undefined) return "undefined";
  if (ArrayBuffer.isView(value)) return [value.constructor.name, ...Array.from(value as Uint8Array)];
  return value;
}
