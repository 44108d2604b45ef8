import type { Steps } from "../steps.js";
import { COLON, COMMA, Cursor, isNotUnderstood, OPEN_OBJECT } from "./cursor.js";
import { includesBytes } from "./includes-bytes.js";

/** What a predict body says before its values. */
export interface Outline {
  readonly form: "rows" | "columns";
  /** "" for the default. */
  readonly signature: string;
  /** Where the value of `instances` or `inputs` begins. */
  readonly valueAt: number;
}

const SIGNATURE_NAME = "signature_name";
const ESCAPE = Uint8Array.of(0x5c);
const NAME = new TextEncoder().encode(SIGNATURE_NAME);
const decoder = new TextDecoder();

/** Bytes that are searched without a pause: a millisecond's work. */
const WINDOW = 2 ** 22;

/**
 * Reads a body up to its values, so that they can be read once it is known what the model takes. Undefined where that
 * is not enough: the signature's name may come after them, or the body begins with something else. Escapes could hide
 * a key, so none may be there.
 */
export function* outlineOf(bytes: Uint8Array): Steps<Outline | undefined> {
  const found = headOf(bytes);
  if (found === undefined || includesBytes(bytes.subarray(0, found.valueAt), ESCAPE)) return undefined;
  for (let from = found.valueAt; from < bytes.length; from += WINDOW) {
    if (from > found.valueAt) yield;
    // A name that begins in one window may end in the next.
    const window = bytes.subarray(from, from + WINDOW + NAME.length);
    if (includesBytes(window, ESCAPE) || includesBytes(window, NAME)) return undefined;
  }
  return found;
}

function headOf(bytes: Uint8Array): Outline | undefined {
  try {
    return readHead(new Cursor(bytes));
  } catch (error) {
    if (isNotUnderstood(error)) return undefined;
    throw error;
  }
}

function readHead(cursor: Cursor): Outline | undefined {
  let signature: string | undefined;
  cursor.take(OPEN_OBJECT);
  for (;;) {
    cursor.next();
    const key = decoder.decode(cursor.takeString());
    cursor.take(COLON);
    cursor.next();
    if (key === "instances") return { form: "rows", signature: signature ?? "", valueAt: cursor.at };
    if (key === "inputs") return { form: "columns", signature: signature ?? "", valueAt: cursor.at };
    if (key !== SIGNATURE_NAME || signature !== undefined) return undefined;
    const name = cursor.takeString();
    if (name.some((byte) => byte < 0x20)) return undefined;
    signature = decoder.decode(name);
    cursor.take(COMMA);
  }
}
