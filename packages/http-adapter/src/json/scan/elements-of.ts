import type { DType } from "@servable/core";
import { Booleans } from "./booleans.js";
import { type Elements, FIRST_ROOM } from "./elements.js";
import { Floats } from "./floats.js";
import { Integers } from "./integers.js";
import { Longs } from "./longs.js";
import { Strings } from "./strings.js";

const STORES: Record<DType, (() => Elements) | undefined> = {
  float16: () => new Floats(new Float32Array(FIRST_ROOM)),
  bfloat16: () => new Floats(new Float32Array(FIRST_ROOM)),
  float32: () => new Floats(new Float32Array(FIRST_ROOM)),
  float64: () => new Floats(new Float64Array(FIRST_ROOM)),
  int8: () => new Integers(new Int8Array(FIRST_ROOM)),
  int16: () => new Integers(new Int16Array(FIRST_ROOM)),
  int32: () => new Integers(new Int32Array(FIRST_ROOM)),
  int64: () => new Longs(new BigInt64Array(FIRST_ROOM)),
  uint8: () => new Integers(new Uint8Array(FIRST_ROOM)),
  uint16: () => new Integers(new Uint16Array(FIRST_ROOM)),
  uint32: () => new Integers(new Uint32Array(FIRST_ROOM)),
  uint64: () => new Longs(new BigUint64Array(FIRST_ROOM)),
  bool: () => new Booleans(new Uint8Array(FIRST_ROOM)),
  string: () => new Strings(),
  complex64: undefined,
  complex128: undefined,
};

/** An empty store for elements of `dtype`; undefined for one that has no form in JSON. */
export function elementsOf(dtype: DType): Elements | undefined {
  return STORES[dtype]?.();
}
