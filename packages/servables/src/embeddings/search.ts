import { type Scored, TopK } from "./top-k.js";
import { inverseNorm, type Vectors } from "./vectors.js";

/** How two vectors are compared: the cosine of their angle, or their dot product. */
export type Metric = "cosine" | "dot";

/** What is looked for. */
export interface Query {
  /** As long as the vectors are. */
  readonly vector: Float32Array;
  readonly metric: Metric;
  readonly k: number;
  /** Rows that are no result. */
  readonly excluded?: ReadonlySet<number>;
}

/** A search that goes on block by block, so that its caller can let others through in between. */
export interface Search {
  /** Looks at the next `rows` rows; false when it has seen all. */
  advance(rows: number): boolean;
  /** The best of what it has seen, the best first; of equal scores the lower row first. */
  readonly best: readonly Scored[];
}

/**
 * Compares a query with every vector: exact, in size × dim multiplications. Sums are float64; a score is rounded to
 * float32, as calls give it, before it is ranked.
 */
export function search({ data, dim, keys, inverseNorms }: Vectors, query: Query): Search {
  const { vector, metric, k, excluded } = query;
  const top = new TopK(k);
  const inverse = inverseNorm(vector);
  let next = 0;
  return {
    advance(rows) {
      const end = Math.min(next + rows, keys.length);
      for (; next < end; next++) {
        if (excluded?.has(next) === true) continue;
        const product = dot(vector, data, next * dim);
        top.offer(next, Math.fround(metric === "dot" ? product : product * (inverseNorms[next] ?? 0) * inverse));
      }
      return next < keys.length;
    },
    get best() {
      return top.sorted();
    },
  };
}

/** The dot product of `vector` with as many numbers of `data` from `offset` on. */
function dot(vector: Float32Array, data: Float32Array, offset: number): number {
  const { length } = vector;
  const even = length - (length % 4);
  // Four sums, so that no addition waits for the one before it.
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let index = 0; index < even; index += 4) {
    const at = offset + index;
    a += (vector[index] ?? 0) * (data[at] ?? 0);
    b += (vector[index + 1] ?? 0) * (data[at + 1] ?? 0);
    c += (vector[index + 2] ?? 0) * (data[at + 2] ?? 0);
    d += (vector[index + 3] ?? 0) * (data[at + 3] ?? 0);
  }
  for (let index = even; index < length; index++) a += (vector[index] ?? 0) * (data[offset + index] ?? 0);
  return a + b + (c + d);
}
