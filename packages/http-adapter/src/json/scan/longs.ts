import type { TensorData } from "@servable/core";
import { type Cursor, notUnderstood } from "./cursor.js";
import { type Elements, grown, stepsOn, trimmed } from "./elements.js";
import { takeNumber } from "./read-number.js";

/** No integer of 64 bits has more characters. */
const LONGEST = 20;

/** Integers of 64 bits, exactly. */
export class Longs implements Elements {
  #data: BigInt64Array | BigUint64Array;
  length = 0;

  constructor(data: BigInt64Array | BigUint64Array) {
    this.#data = data;
  }

  readOne(cursor: Cursor): void {
    const value = readLong(cursor);
    if (this.length === this.#data.length) this.#data = grown(this.#data, cursor);
    this.#data[this.length] = value;
    // Out of range it comes back as another.
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

/** One with a fraction or an exponent must be one that a double counts. */
function readLong(cursor: Cursor): bigint {
  const text = takeNumber(cursor);
  const value = Number(text);
  if (Number.isSafeInteger(value)) return BigInt(value);
  return text.length <= LONGEST && /^-?\d+$/.test(text) ? BigInt(text) : notUnderstood();
}
