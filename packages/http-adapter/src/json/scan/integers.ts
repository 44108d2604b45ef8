import type { TensorData } from "@servable/core";
import { type Cursor, notUnderstood } from "./cursor.js";
import { type Elements, grown, stepsOn, trimmed } from "./elements.js";
import { readNumber } from "./read-number.js";

type IntegerArray = Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

const MINUS = 0x2d;
const [ZERO, NINE] = [0x30, 0x39] as const;
const POINT = 0x2e;
/** So many digits fit 32 bits with a sign. */
const MOST_DIGITS = 9;

/** Integers of up to 32 bits. */
export class Integers implements Elements {
  #data: IntegerArray;
  length = 0;

  constructor(data: IntegerArray) {
    this.#data = data;
  }

  readOne(cursor: Cursor): void {
    const value = readInteger(cursor);
    if (this.length === this.#data.length) this.#data = grown(this.#data, cursor);
    this.#data[this.length] = value;
    // What the storage does not give back has a fraction, or is out of its range.
    if (this.#data[this.length++] !== value) notUnderstood();
  }

  readRun(cursor: Cursor, limit: number): void {
    do this.readOne(cursor);
    while (stepsOn(cursor, limit));
  }

  finish(): TensorData {
    return trimmed(this.#data, this.length);
  }
}

function readInteger(cursor: Cursor): number {
  const { bytes } = cursor;
  let at = cursor.at;
  let byte = bytes[at] ?? 0;
  const isNegative = byte === MINUS;
  if (isNegative) byte = bytes[++at] ?? 0;
  const first = at;
  let value = 0;
  while (byte >= ZERO && byte <= NINE && at < first + MOST_DIGITS) {
    value = (value * 10 + (byte - ZERO)) | 0;
    byte = bytes[++at] ?? 0;
  }
  const isPlain = at > first && (bytes[first] !== ZERO || at === first + 1);
  // More digits, a fraction, an exponent, a leading zero.
  if (!isPlain || (byte >= ZERO && byte <= NINE) || byte === POINT || (byte | 0x20) === 0x65) return readNumber(cursor);
  cursor.at = at;
  return isNegative ? -value : value;
}
