import {
  formatId,
  makeTensor,
  type NamedTensors,
  type Predictor,
  type ServableId,
  ServingError,
  type Signature,
  type Tensor,
} from "@servable/core";
import { byteStringsOf } from "../predictor/byte-strings.js";
import { makePredictor, PREDICT_METHOD } from "../predictor/make-predictor.js";
import { decodeOrNone, encode } from "../text/utf8.js";
import { type Metric, search } from "./search.js";
import { rowOf, type Vectors } from "./vectors.js";

/** A key that is near, and how near. */
export interface Neighbour {
  readonly key: string;
  /** Cosine from -1 to 1, or dot product; rounded to float32. */
  readonly score: number;
}

/** Options of {@link EmbeddingIndex.nearest}. */
export interface NearestOptions {
  /** How many are wanted; fewer come if there are fewer. @defaultValue the loader's `k` */
  readonly k?: number;
  /** @defaultValue the loader's */
  readonly metric?: Metric;
  /** Keys that are no result, such as the one that is asked for; unknown ones do not matter. */
  readonly exclude?: readonly string[] | ReadonlySet<string>;
}

/**
 * Vectors under their keys, which answers calls. Signature `serving_default` takes `keys` (string, [n]) and gives
 * `vectors` (float32, [n, dim]; zeros for a missing key) and `found` (bool, [n]); `nearest` takes `query` (float32,
 * [n, dim]) and gives `keys` (string, [n, k]) and `scores` (float32, [n, k]), the best first.
 */
export interface EmbeddingIndex extends Predictor {
  readonly size: number;
  /** Numbers per vector. */
  readonly dim: number;
  keys(): IterableIterator<string>;
  has(key: string): boolean;
  /** A copy of the vector of a key. */
  get(key: string): Float32Array | undefined;
  /**
   * The keys whose vectors are nearest to a vector, or to that of a key: exact, by comparing all. The best comes first,
   * of equal scores the one that was loaded first. A zero vector has cosine 0 with everything.
   * @throws ServingError INVALID_ARGUMENT for an unknown key, a vector of another length or not finite, or a bad option
   */
  nearest(query: string | Float32Array | readonly number[], options?: NearestOptions): readonly Neighbour[];
}

/** What an index is made with, when a call does not say otherwise. */
export interface SearchDefaults {
  readonly metric: Metric;
  readonly k: number;
}

/** After so many multiplications, about 20 ms, a call lets other work through. */
const WORK_BEFORE_PAUSE = 2 ** 24;

/** The servable over vectors. */
export function makeEmbeddingIndex(id: ServableId, vectors: Vectors, defaults: SearchDefaults): EmbeddingIndex {
  const { keys, rows, dim } = vectors;
  const get = (key: string): Float32Array | undefined => {
    const row = rows.get(key);
    return row === undefined ? undefined : rowOf(vectors, row).slice();
  };
  const k = Math.min(defaults.k, keys.length);
  return {
    ...makePredictor(id, {
      serving_default: {
        signature: lookupSignature(dim),
        run: (inputs) => look(vectors, inputs["keys"]),
      },
      nearest: {
        signature: nearestSignature(dim, k),
        run: ({ query }, { signal }) => searchAll(vectors, query, { ...defaults, k, signal }),
      },
    }),
    size: keys.length,
    dim,
    keys: () => keys.values(),
    has: (key) => rows.has(key),
    get,
    nearest(query, { k = defaults.k, metric = defaults.metric, exclude = [] } = {}) {
      checkSearch({ k, metric }, formatId(id));
      const vector = typeof query === "string" ? get(query) : Float32Array.from(query);
      if (vector === undefined) throw invalid(`${formatId(id)}: there is no key ${JSON.stringify(query)}`);
      if (vector.length !== dim) throw invalid(`${formatId(id)}: a query has ${dim} numbers, got ${vector.length}`);
      if (!vector.every(Number.isFinite)) throw invalid(`${formatId(id)}: the query is not finite in float32`);
      const excluded = new Set([...exclude].map((key) => rows.get(key) ?? -1));
      const going = search(vectors, { vector, metric, k, excluded });
      going.advance(keys.length);
      return going.best.map(({ row, score }) => ({ key: keys[row] ?? "", score }));
    },
  };
}

/** @throws ServingError INVALID_ARGUMENT for an unknown metric or a `k` that is no positive integer */
export function checkSearch({ k, metric }: SearchDefaults, place: string): void {
  if (!Number.isSafeInteger(k) || k < 1) throw invalid(`${place}: k must be a positive integer, got ${k}`);
  if (metric === "cosine" || metric === "dot") return;
  throw invalid(`${place}: metric is cosine or dot, not ${String(metric)}`);
}

function lookupSignature(dim: number): Signature {
  return {
    inputs: { keys: { dtype: "string", shape: [-1] } },
    outputs: { vectors: { dtype: "float32", shape: [-1, dim] }, found: { dtype: "bool", shape: [-1] } },
    methodName: PREDICT_METHOD,
  };
}

function nearestSignature(dim: number, k: number): Signature {
  return {
    inputs: { query: { dtype: "float32", shape: [-1, dim] } },
    outputs: { keys: { dtype: "string", shape: [-1, k] }, scores: { dtype: "float32", shape: [-1, k] } },
    methodName: PREDICT_METHOD,
  };
}

function look(vectors: Vectors, keys: Tensor | undefined): NamedTensors {
  const strings = byteStringsOf(keys);
  const data = new Float32Array(strings.length * vectors.dim);
  const found = new Uint8Array(strings.length);
  for (const [index, bytes] of strings.entries()) {
    const key = decodeOrNone(bytes);
    const row = key === undefined ? undefined : vectors.rows.get(key);
    if (row === undefined) continue;
    data.set(rowOf(vectors, row), index * vectors.dim);
    found[index] = 1;
  }
  return {
    vectors: makeTensor("float32", [strings.length, vectors.dim], data),
    found: makeTensor("bool", [strings.length], found),
  };
}

interface BatchOptions extends SearchDefaults {
  readonly signal: AbortSignal | undefined;
}

async function searchAll(
  vectors: Vectors,
  query: Tensor | undefined,
  { metric, k, signal }: BatchOptions,
): Promise<NamedTensors> {
  const { keys, dim } = vectors;
  if (!(query?.data instanceof Float32Array)) throw invalid("query needs dtype float32");
  const bad = query.data.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) throw invalid(`query[${Math.floor(bad / dim)}][${bad % dim}] is ${query.data[bad]}, not finite`);
  const count = query.data.length / dim;
  const names: Uint8Array[] = [];
  const scores = new Float32Array(count * k);
  const blockRows = Math.ceil(WORK_BEFORE_PAUSE / dim);
  let work = 0;
  for (let index = 0; index < count; index++) {
    const vector = query.data.subarray(index * dim, (index + 1) * dim);
    const going = search(vectors, { vector, metric, k });
    for (let isGoing = true; isGoing; ) {
      isGoing = going.advance(blockRows);
      work += Math.min(blockRows, keys.length) * dim;
      if (work < WORK_BEFORE_PAUSE) continue;
      work = 0;
      await pause();
      signal?.throwIfAborted();
    }
    for (const [place, { row, score }] of going.best.entries()) {
      names.push(encode(keys[row] ?? ""));
      scores[index * k + place] = score;
    }
  }
  return { keys: makeTensor("string", [count, k], names), scores: makeTensor("float32", [count, k], scores) };
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}

function invalid(message: string): ServingError {
  return new ServingError("INVALID_ARGUMENT", message);
}
