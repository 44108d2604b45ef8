import { ServingError } from "@servable/core";
import type { ValueType } from "./value-type.js";

/** The entries of a table, and the memory that they take. */
export interface TableContent<V> {
  readonly entries: ReadonlyMap<string, V>;
  readonly memoryBytes: number;
}

/** What an entry takes beside its text: its place in the map, the heads of two strings. Measured in Node 20. */
const ENTRY_BYTES = 80;

/** Takes entries one after another and refuses those that cannot be. */
export class TableBuilder<V> {
  readonly #type: ValueType<V>;
  readonly #entries = new Map<string, V>();
  #memoryBytes = 0;

  constructor(type: ValueType<V>) {
    this.#type = type;
  }

  /** @throws ServingError DATA_LOSS for a value of another type or a key that is there */
  add(key: string, value: V | undefined, shown: unknown): void {
    if (value === undefined) {
      throw new ServingError("DATA_LOSS", `${JSON.stringify(String(shown))} is no ${this.#type.dtype}`);
    }
    if (this.#entries.has(key)) {
      // Every entry so far has been taken, so its place in the map is the one where it stood.
      const first = [...this.#entries.keys()].indexOf(key) + 1;
      throw new ServingError("DATA_LOSS", `the key ${JSON.stringify(key)} is there already, as number ${first}`);
    }
    this.#entries.set(key, value);
    this.#memoryBytes += ENTRY_BYTES + key.length + this.#type.sizeBytes(value);
  }

  content(): TableContent<V> {
    return { entries: this.#entries, memoryBytes: this.#memoryBytes };
  }
}
