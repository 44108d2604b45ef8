import type { TensorData } from "@servable/core";
import { fromBase64 } from "../base64.js";
import { CLOSE_OBJECT, COLON, type Cursor, notUnderstood, OPEN_OBJECT, QUOTE } from "./cursor.js";
import { type Elements, stepsOn } from "./elements.js";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** Byte strings. */
export class Strings implements Elements {
  readonly #all: Uint8Array[] = [];

  get length(): number {
    return this.#all.length;
  }

  readOne(cursor: Cursor): void {
    this.#all.push(readString(cursor));
  }

  readRun(cursor: Cursor, limit: number): void {
    do this.readOne(cursor);
    while (stepsOn(cursor, limit));
  }

  finish(): TensorData {
    return this.#all;
  }
}

/** Reads a string as its bytes in UTF-8, or the bytes of `{"b64": "…"}`. */
function readString(cursor: Cursor): Uint8Array {
  const byte = cursor.next();
  if (byte === QUOTE) return asUtf8(cursor.takeString());
  if (byte !== OPEN_OBJECT) return notUnderstood();
  cursor.at++;
  if (!isB64Key(cursor.takeString())) notUnderstood();
  cursor.take(COLON);
  cursor.next();
  const bytes = fromBase64(decoder.decode(cursor.takeString()));
  cursor.take(CLOSE_OBJECT);
  return bytes ?? notUnderstood();
}

/** Whether a key is `b64`, which makes bytes of its object. */
export function isB64Key(key: Uint8Array): boolean {
  return key.length === 3 && key[0] === 0x62 && key[1] === 0x36 && key[2] === 0x34;
}

/** A copy; what is no UTF-8 is replaced, as where the whole body is made a text. */
function asUtf8(bytes: Uint8Array): Uint8Array {
  let isPlain = true;
  for (const byte of bytes) {
    // Control characters may not stand in a string.
    if (byte < 0x20) return notUnderstood();
    if (byte >= 0x80) isPlain = false;
  }
  return isPlain ? bytes.slice() : encoder.encode(decoder.decode(bytes));
}
