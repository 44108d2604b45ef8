import type { TextBuffer } from "./text-buffer.js";
import { elementsWriter, type Output, type WriteElements } from "./write-elements.js";

/** Elements that are written without a look at the limit. */
const BLOCK = 2_048;

const [COMMA, OPEN, CLOSE] = [0x2c, 0x5b, 0x5d] as const;

/** Writes an output as nested lists, the whole of it or what belongs to one index of its first dimension. */
export class NestedWriter {
  readonly #shape: readonly number[];
  readonly #write: WriteElements;
  /** The elements that were written. */
  #offset = 0;
  /** Members of each open list that are done. */
  readonly #done: number[];
  #base = 0;
  #depth = 0;

  /** @throws ServingError UNSUPPORTED for complex numbers */
  constructor(output: Output) {
    this.#shape = output.tensor.shape;
    this.#write = elementsWriter(output);
    this.#done = this.#shape.map(() => 0);
  }

  /** Begins the whole (0), or the next part (1). */
  begin(depth: 0 | 1): void {
    this.#base = depth;
    this.#depth = depth;
  }

  /** Writes on; false if it stopped because `limit` bytes were reached. */
  advance(buffer: TextBuffer, limit: number): boolean {
    const shape = this.#shape;
    if (this.#base === shape.length) {
      this.#write(buffer, this.#offset++, 1);
      return true;
    }
    do {
      const depth = this.#depth;
      const size = shape[depth] ?? 0;
      const done = this.#done[depth] ?? 0;
      buffer.byte(done === 0 ? OPEN : COMMA);
      if (size > 0 && depth < shape.length - 1) {
        this.#depth++;
        continue;
      }
      if (!this.#writeBlock(buffer, { size, done })) continue;
      if (this.#close(buffer)) return true;
    } while (buffer.length < limit);
    return false;
  }

  /** Writes elements of an innermost list; whether it has all. */
  #writeBlock(buffer: TextBuffer, { size, done }: { readonly size: number; readonly done: number }): boolean {
    const count = Math.min(size - done, BLOCK);
    if (size === 0) return true;
    this.#write(buffer, this.#offset, count);
    this.#offset += count;
    this.#done[this.#depth] = done + count;
    return done + count === size;
  }

  /** Closes all lists that end here; whether that was the last. */
  #close(buffer: TextBuffer): boolean {
    for (;;) {
      buffer.byte(CLOSE);
      this.#done[this.#depth] = 0;
      if (this.#depth === this.#base) return true;
      this.#depth--;
      const done = (this.#done[this.#depth] ?? 0) + 1;
      this.#done[this.#depth] = done;
      if (done < (this.#shape[this.#depth] ?? 0)) return false;
    }
  }
}
