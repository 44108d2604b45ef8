/** Vectors under their keys; row `r` of `data` is the vector of `keys[r]`. */
export interface Vectors {
  readonly keys: readonly string[];
  readonly rows: ReadonlyMap<string, number>;
  /** Numbers per vector, at least 1. */
  readonly dim: number;
  /** All vectors in row-major order, in one array; what lies after the last is spare. */
  readonly data: Float32Array;
  /** One over the Euclidean norm of each row; 0 for a zero vector, so that its cosine with anything is 0. */
  readonly inverseNorms: Float64Array;
  readonly memoryBytes: number;
}

/** One over the Euclidean norm of a vector; 0 for a zero vector. */
export function inverseNorm(vector: Float32Array): number {
  let sum = 0;
  for (const each of vector) sum += each * each;
  return sum === 0 ? 0 : 1 / Math.sqrt(sum);
}

/** The vector of a row, not copied. */
export function rowOf({ data, dim }: Vectors, row: number): Float32Array {
  return data.subarray(row * dim, (row + 1) * dim);
}
