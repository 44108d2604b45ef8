import {
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
import { decodeOrNone, quoted } from "../text/utf8.js";
import type { ValueType } from "./value-type.js";

/**
 * A table from keys to values that answers calls: signature `serving_default` takes `keys` (string, any shape) and gives
 * `values` (the table's dtype) and `found` (bool), both in the shape of `keys`.
 */
export interface LookupTable<V = string> extends Predictor {
  readonly size: number;
  get(key: string): V | undefined;
  has(key: string): boolean;
  /** All entries: those of the base in their order, then those that it does not have. */
  entries(): IterableIterator<[string, V]>;
}

/** What a table is made of. */
export interface TableParts<V> {
  readonly own: ReadonlyMap<string, V>;
  /** Answers for the keys that `own` does not have. */
  readonly base: LookupTable<V> | undefined;
  readonly type: ValueType<V>;
  /** The value that calls get for missing keys. */
  readonly fallback: V | undefined;
}

/** The servable over the entries of a table. */
export function makeTable<V>(id: ServableId, parts: TableParts<V>): LookupTable<V> {
  const { own, base, type } = parts;
  const get = (key: string): V | undefined => own.get(key) ?? base?.get(key);
  let size = own.size;
  if (base !== undefined) {
    size += base.size;
    for (const key of own.keys()) if (base.has(key)) size--;
  }
  const run = ({ keys }: NamedTensors): NamedTensors => look(keys, get, parts);
  return {
    ...makePredictor(id, { serving_default: { signature: signatureOf(type), run } }),
    size,
    get,
    has: (key) => get(key) !== undefined,
    *entries() {
      for (const [key, value] of base?.entries() ?? []) yield [key, own.get(key) ?? value];
      for (const [key, value] of own) if (base?.has(key) !== true) yield [key, value];
    },
  };
}

function signatureOf({ dtype }: ValueType<unknown>): Signature {
  return {
    inputs: { keys: { dtype: "string", shape: undefined } },
    outputs: { values: { dtype, shape: undefined }, found: { dtype: "bool", shape: undefined } },
    methodName: PREDICT_METHOD,
  };
}

function look<V>(keys: Tensor | undefined, get: (key: string) => V | undefined, parts: TableParts<V>): NamedTensors {
  const { type, fallback } = parts;
  const strings = byteStringsOf(keys);
  const shape = keys?.shape ?? [];
  const found = new Uint8Array(strings.length);
  const values = strings.map((bytes, index) => {
    const key = decodeOrNone(bytes);
    const own = key === undefined ? undefined : get(key);
    if (own !== undefined) found[index] = 1;
    const value = own ?? fallback;
    if (value === undefined) throw missing(bytes, index);
    return value;
  });
  return { values: makeTensor(type.dtype, shape, type.toData(values)), found: makeTensor("bool", shape, found) };
}

function missing(bytes: Uint8Array, index: number): ServingError {
  return new ServingError(
    "INVALID_ARGUMENT",
    `there is no key ${quoted(bytes)}, at index ${index} of keys; with the option \`default\` missing keys get a value`,
  );
}
