import type { DType } from "@servable/core";
import { Booleans } from "./booleans.js";
import type { Elements } from "./elements.js";
import { Floats } from "./floats.js";
import { Integers } from "./integers.js";
import { Longs } from "./longs.js";
import { Strings } from "./strings.js";

const STORES: Record<DType, ((room: number) => Elements) | undefined> = {
  float16: (room) => new Floats(new Float32Array(room)),
  bfloat16: (room) => new Floats(new Float32Array(room)),
  float32: (room) => new Floats(new Float32Array(room)),
  float64: (room) => new Floats(new Float64Array(room)),
  int8: (room) => new Integers(new Int8Array(room)),
  int16: (room) => new Integers(new Int16Array(room)),
  int32: (room) => new Integers(new Int32Array(room)),
  int64: (room) => new Longs(new BigInt64Array(room)),
  uint8: (room) => new Integers(new Uint8Array(room)),
  uint16: (room) => new Integers(new Uint16Array(room)),
  uint32: (room) => new Integers(new Uint32Array(room)),
  uint64: (room) => new Longs(new BigUint64Array(room)),
  bool: (room) => new Booleans(new Uint8Array(room)),
  string: () => new Strings(),
  complex64: undefined,
  complex128: undefined,
};

/** An empty store with room for so many elements of `dtype`; undefined for one that has no form in JSON. */
export function elementsOf(dtype: DType, room: number): Elements | undefined {
  return STORES[dtype]?.(room);
}
