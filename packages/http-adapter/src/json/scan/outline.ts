import { COLON, COMMA, Cursor, isNotUnderstood, OPEN_OBJECT } from "./cursor.js";

/** What a predict body says before its values. */
export interface Outline {
  readonly form: "rows" | "columns";
  /** "" for the default. */
  readonly signature: string;
  /** Where the value of `instances` or `inputs` begins. */
  readonly valueAt: number;
}

const [BACKSLASH, UNDERSCORE] = [0x5c, 0x5f];
const SIGNATURE_NAME = "signature_name";
const decoder = new TextDecoder();

/**
 * Reads a body up to its values, so that they can be read once it is known what the model takes. Undefined where that
 * is not enough: the signature's name may come after them, or the body begins with something else. Escapes could hide
 * a key, so none may be there.
 */
export function outlineOf(bytes: Uint8Array): Outline | undefined {
  try {
    const found = readHead(new Cursor(bytes));
    if (found === undefined || bytes.includes(BACKSLASH) || hasName(bytes, found.valueAt)) return undefined;
    return found;
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

/** Whether the signature's name may stand after `from`. By its underscore: bodies are full of letters and quotes. */
function hasName(bytes: Uint8Array, from: number): boolean {
  const before = SIGNATURE_NAME.indexOf("_");
  for (let at = bytes.indexOf(UNDERSCORE, from); at !== -1; at = bytes.indexOf(UNDERSCORE, at + 1)) {
    const start = at - before;
    if (decoder.decode(bytes.subarray(start, start + SIGNATURE_NAME.length)) === SIGNATURE_NAME) return true;
  }
  return false;
}
