import { type DType, ServingError, sizeOf, type Tensor } from "@servable/core";
import { reserve } from "../kernels/host/allowance.js";
import { bytesOfKey, keyOf } from "../kernels/host/bytes.js";
import { formatShape, mismatch } from "../kernels/host/shapes.js";
import type { Elements } from "../kernels/host/strided.js";

/** What a table maps. */
export interface TableType {
  readonly key: DType;
  readonly value: DType;
  /** The shape of the value of one key. */
  readonly valueShape: readonly number[];
  /** Whether it is filled once, and may not be asked before. */
  readonly isStatic: boolean;
}

/** Strings by their bytes, numbers as they are. */
type Key = string | number | bigint;

const FIRST_CAPACITY = 16;

/** A lookup table of a model: from single elements to values of one shape. */
export class Table {
  readonly type: TableType;
  readonly #rows = new Map<Key, number>();
  readonly #width: number;
  #values: ReturnType<typeof reserve>;
  #capacity = 0;
  #isFilled: boolean;

  constructor(type: TableType) {
    this.type = type;
    this.#width = sizeOf(type.valueShape);
    this.#values = reserve(type.value, 0);
    this.#isFilled = !type.isStatic;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Whether it can be asked: a static one once it has been filled. */
  get isFilled(): boolean {
    return this.#isFilled;
  }

  /**
   * Fills the table; what it had is gone.
   * @param except keys that stand for none
   * @throws ServingError INVALID_ARGUMENT for keys or values of another type; FAILED_PRECONDITION if a static table
   * would have two values for one key
   */
  fill(keys: Tensor, values: Tensor, except: readonly Tensor[] = []): void {
    const { key, value, valueShape, isStatic } = this.type;
    if (keys.dtype !== key || values.dtype !== value) {
      throw mismatch(`a table from ${key} to ${value} cannot hold ${keys.dtype} to ${values.dtype}`);
    }
    if (values.shape.join() !== [...keys.shape, ...valueShape].join()) {
      throw mismatch(`values of shape ${formatShape(values.shape)} for keys of shape ${formatShape(keys.shape)}`);
    }
    this.#rows.clear();
    const source = values.data as unknown as Elements;
    const none = new Set(except.flatMap(keysOf));
    for (const [at, element] of keysOf(keys).entries()) {
      if (none.has(element)) continue;
      const row = this.#rowFor(element);
      const isNew = row === this.#rows.size;
      for (let lane = 0; lane < this.#width; lane++) {
        const found = source[at * this.#width + lane];
        const target = this.#values as unknown as Elements;
        if (isStatic && !isNew && !same(target[row * this.#width + lane], found)) {
          throw new ServingError("FAILED_PRECONDITION", `key ${JSON.stringify(String(element))} has two values`);
        }
        target[row * this.#width + lane] = found;
      }
      this.#rows.set(element, row);
    }
    this.#isFilled = true;
  }

  /**
   * The values of keys; of those that it does not have, the default: one value, or one for each key.
   * @throws ServingError INVALID_ARGUMENT for keys or a default of another type or shape; FAILED_PRECONDITION if it
   * has not been filled
   */
  find(keys: Tensor, fallback: Tensor): Tensor {
    const { key, value, valueShape } = this.type;
    if (!this.#isFilled) throw new ServingError("FAILED_PRECONDITION", "the table has not been filled");
    if (keys.dtype !== key || fallback.dtype !== value) {
      throw mismatch(`a table from ${key} to ${value} has no ${keys.dtype} to ${fallback.dtype}`);
    }
    const shape = [...keys.shape, ...valueShape];
    const isWhole = fallback.shape.join() === shape.join();
    if (!isWhole && fallback.shape.join() !== valueShape.join()) {
      throw mismatch(`a default of shape ${formatShape(fallback.shape)} for values of ${formatShape(valueShape)}`);
    }
    const width = this.#width;
    const data = reserve(value, sizeOf(shape));
    const target = data as unknown as Elements;
    const filled: Elements = this.#values;
    const other: Elements = fallback.data;
    for (const [at, element] of keysOf(keys).entries()) {
      const row = this.#rows.get(element);
      const from = row === undefined ? (isWhole ? at * width : 0) : row * width;
      const source = row === undefined ? other : filled;
      for (let lane = 0; lane < width; lane++) target[at * width + lane] = source[from + lane];
    }
    return { dtype: value, shape, data };
  }

  /** All keys and their values, in the order in which they came. */
  entries(): readonly [Tensor, Tensor] {
    const { key, value, valueShape } = this.type;
    const keys = reserve(key, this.size);
    const target = keys as unknown as Elements;
    let at = 0;
    for (const element of this.#rows.keys()) target[at++] = typeof element === "string" ? bytesOfKey(element) : element;
    return [
      { dtype: key, shape: [this.size], data: keys },
      { dtype: value, shape: [this.size, ...valueShape], data: this.#values.slice(0, this.size * this.#width) },
    ];
  }

  #rowFor(key: Key): number {
    const row = this.#rows.get(key) ?? this.#rows.size;
    if (row >= this.#capacity) {
      this.#capacity = Math.max(FIRST_CAPACITY, 2 * this.#capacity);
      const larger = reserve(this.type.value, this.#capacity * this.#width);
      const target = larger as unknown as Elements;
      const source = this.#values as unknown as Elements;
      for (let at = 0; at < row * this.#width; at++) target[at] = source[at];
      this.#values = larger;
    }
    return row;
  }
}

function keysOf({ data }: Tensor): readonly Key[] {
  return Array.from(data as ArrayLike<Uint8Array | number | bigint>, (element) =>
    element instanceof Uint8Array ? keyOf(element) : element,
  );
}

function same(one: unknown, other: unknown): boolean {
  if (!(one instanceof Uint8Array && other instanceof Uint8Array)) return one === other;
  return keyOf(one) === keyOf(other);
}
