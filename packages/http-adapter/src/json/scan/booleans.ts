import type { TensorData } from "@servable/core";
import { type Cursor, notUnderstood } from "./cursor.js";
import { type Elements, grown, stepsOn, trimmed } from "./elements.js";

const encoder = new TextEncoder();
const TRUE = encoder.encode("true");
const FALSE = encoder.encode("false");

/** Booleans, as 0 and 1. */
export class Booleans implements Elements {
  #data: Uint8Array;
  length = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  readOne(cursor: Cursor): void {
    const isTrue = stepsOver(cursor, TRUE);
    if (!isTrue && !stepsOver(cursor, FALSE)) notUnderstood();
    if (this.length === this.#data.length) this.#data = grown(this.#data, cursor);
    this.#data[this.length++] = Number(isTrue);
  }

  readRun(cursor: Cursor, limit: number): void {
    do this.readOne(cursor);
    while (stepsOn(cursor, limit));
  }

  finish(): TensorData {
    return trimmed(this.#data, this.length);
  }
}

/** Steps over a word, where it stands. */
function stepsOver(cursor: Cursor, word: Uint8Array): boolean {
  for (let index = 0; index < word.length; index++) {
    if (cursor.bytes[cursor.at + index] !== word[index]) return false;
  }
  cursor.at += word.length;
  return true;
}
