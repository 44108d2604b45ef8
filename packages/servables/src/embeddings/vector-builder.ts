import { ServingError } from "@servable/core";
import { inverseNorm, type Vectors } from "./vectors.js";

const FIRST_ROWS = 64;
/** What a key takes beside its text: its places in map and array, the head of a string. Measured in Node 20. */
const KEY_BYTES = 80;

/** Takes vectors one after another into one array, and refuses those that cannot be. */
export class VectorBuilder {
  readonly #expectedRows: (rows: number) => number;
  readonly #keys: string[] = [];
  readonly #rows = new Map<string, number>();
  #dim: number | undefined;
  #data: Float32Array = new Float32Array(0);
  #textBytes = 0;

  /** @param expectedRows how many rows there will be, guessed again each time that the array is full */
  constructor(expectedRows: (rows: number) => number = (rows) => rows * 2) {
    this.#expectedRows = expectedRows;
  }

  get size(): number {
    return this.#keys.length;
  }

  /**
   * Copies a vector.
   * @throws ServingError DATA_LOSS for a key that is there, a vector of another length than the first, or a number that
   * is not finite in float32
   */
  add(key: string, vector: Float32Array): void {
    const row = this.#keys.length;
    const dim = (this.#dim ??= vector.length);
    if (dim === 0) throw damaged("there are no numbers after the key");
    if (vector.length !== dim) throw damaged(`the vector has ${vector.length} numbers, the first one has ${dim}`);
    for (let index = 0; index < dim; index++) {
      if (!Number.isFinite(vector[index])) throw damaged(`number ${index + 1} of the vector is not finite in float32`);
    }
    const before = this.#rows.get(key);
    if (before !== undefined) throw damaged(`the key ${JSON.stringify(key)} is there already, as vector ${before + 1}`);
    if ((row + 1) * dim > this.#data.length) this.#grow(dim);
    this.#data.set(vector, row * dim);
    this.#rows.set(key, row);
    this.#keys.push(key);
    this.#textBytes += key.length;
  }

  /** @throws ServingError DATA_LOSS if there is no vector */
  vectors(): Vectors {
    const dim = this.#dim;
    if (dim === undefined) throw damaged("there are no vectors");
    const [keys, rows, data] = [this.#keys, this.#rows, this.#data];
    const inverseNorms = Float64Array.from(keys, (_, row) => inverseNorm(data.subarray(row * dim, (row + 1) * dim)));
    const memoryBytes = data.byteLength + inverseNorms.byteLength + keys.length * KEY_BYTES + this.#textBytes;
    return { keys, rows, dim, data, inverseNorms, memoryBytes };
  }

  #grow(dim: number): void {
    const rows = this.#keys.length;
    const wanted = rows === 0 ? FIRST_ROWS : Math.max(Math.ceil(this.#expectedRows(rows)), Math.ceil(rows * 1.25));
    const next = allocate(wanted * dim);
    next.set(this.#data);
    this.#data = next;
  }
}

function allocate(length: number): Float32Array {
  try {
    return new Float32Array(length);
  } catch (error) {
    const message = `${length * 4} bytes for the vectors cannot be had in one piece; use fewer or shorter ones`;
    throw new ServingError("RESOURCE_EXHAUSTED", message, { cause: error, retryable: false });
  }
}

function damaged(message: string): ServingError {
  return new ServingError("DATA_LOSS", message);
}
