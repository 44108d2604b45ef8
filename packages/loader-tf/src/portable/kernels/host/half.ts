import { fromHalfBits, type HalfDType, toHalfBits } from "@servable/saved-model";

/** Elements rounded to what float16 or bfloat16 can hold: to the nearest, half to even, too large to infinity. */
export function roundTo(dtype: HalfDType, values: Float32Array): Float32Array {
  return fromHalfBits(dtype, toHalfBits(dtype, values));
}
