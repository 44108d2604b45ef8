import { makeTensor, type Tensor, type TensorSpec } from "@servable/core";
import { CLOSE_LIST, COMMA, type Cursor, notUnderstood, OPEN_LIST } from "./cursor.js";
import { type Elements, firstRoom } from "./elements.js";
import { elementsOf } from "./elements-of.js";

/** As many dimensions as a tensor of TensorFlow may have. */
const MOST_DIMENSIONS = 254;

/**
 * One input as it is read: nested lists, whose shape is that along the first element of each level, and must be that
 * of all others. It can stop anywhere between two elements.
 */
export class Column {
  readonly #dtype: TensorSpec["dtype"];
  readonly #elements: Elements;
  /** The size of the lists of each level, as soon as one has ended. */
  readonly #sizes: number[] = [];
  /** The members so far of the lists that are open. */
  readonly #counts: number[] = [];
  /** Known from the first element, or the first empty list, on. */
  #rank = -1;
  #base = 0;
  #depth = 0;
  /** Values that were begun. */
  values = 0;

  /** For a body of so many bytes. */
  constructor({ dtype, shape }: TensorSpec, bytes: number) {
    this.#dtype = dtype;
    this.#elements = elementsOf(dtype, firstRoom(shape, bytes)) ?? notUnderstood();
  }

  /** Begins a value that is in `depth` lists: 0 for the whole input, 1 for the part of one instance. */
  begin(depth: 0 | 1): void {
    this.#base = depth;
    this.#depth = depth;
    this.values++;
  }

  /** Reads on in the value; false if it stopped at `limit`, or soon after, before the value has ended. */
  advance(cursor: Cursor, limit: number): boolean {
    const counts = this.#counts;
    const elements = this.#elements;
    do {
      if (cursor.next() === OPEN_LIST) {
        if (!this.#open(cursor)) continue;
      } else {
        if (this.#rank === -1) this.#rank = this.#depth;
        if (this.#depth !== this.#rank) notUnderstood();
        if (this.#depth === this.#base) {
          elements.readOne(cursor);
          return true;
        }
        const before = elements.length;
        elements.readRun(cursor, limit);
        const inner = this.#depth - 1;
        counts[inner] = (counts[inner] ?? 0) + elements.length - before;
        // After a comma: there is more of this list.
        if (cursor.bytes[cursor.at] !== CLOSE_LIST) return false;
      }
      if (this.#close(cursor)) return true;
    } while (cursor.at < limit);
    return false;
  }

  /** Steps into a list; whether it is empty, and ends where the cursor stands. */
  #open(cursor: Cursor): boolean {
    if (this.#depth === this.#rank || this.#depth === MOST_DIMENSIONS) notUnderstood();
    this.#counts[this.#depth++] = 0;
    cursor.at++;
    if (cursor.next() !== CLOSE_LIST) return false;
    if (this.#rank === -1) this.#rank = this.#depth;
    return true;
  }

  /** Steps out of all lists that end here, and over the comma after them; whether that was the end of the value. */
  #close(cursor: Cursor): boolean {
    const counts = this.#counts;
    for (;;) {
      cursor.at++;
      const level = --this.#depth;
      const size = counts[level] ?? 0;
      const wanted = this.#sizes[level];
      if (wanted === undefined) this.#sizes[level] = size;
      else if (wanted !== size) notUnderstood();
      if (level === this.#base) return true;
      counts[level - 1] = (counts[level - 1] ?? 0) + 1;
      const byte = cursor.next();
      if (byte === CLOSE_LIST) continue;
      if (byte !== COMMA) notUnderstood();
      cursor.at++;
      return false;
    }
  }

  /** The tensor of all that was read. */
  finish(): Tensor {
    const sizes = this.#base === 0 ? [] : [this.values];
    for (let level = this.#base; level < this.#rank; level++) sizes.push(this.#sizes[level] ?? 0);
    return makeTensor(this.#dtype, sizes, this.#elements.finish());
  }
}
