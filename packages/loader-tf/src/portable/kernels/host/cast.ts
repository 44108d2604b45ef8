import { allocate, type DType, sizeOf, type Tensor } from "@servable/core";
import { isBig, isInteger } from "./elements.js";
import type { Elements } from "./strided.js";

/** A float beyond an integer type has no meaning in C; TensorFlow gives the type's least value on x86, as we do. */
const LEAST_INT64 = -(2n ** 63n);
const LEAST_INT32 = -(2 ** 31);

/** The elements in another dtype: floats are cut towards zero, integers wrap, what is not zero is true. */
export function cast(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  const data = allocate(dtype, sizeOf(x.shape));
  const target = data as unknown as Elements;
  const source = x.data as unknown as Record<number, number | bigint>;
  const convert = converter(x.dtype, dtype);
  for (let at = 0; at < data.length; at++) target[at] = convert(source[at] as never);
  return { dtype, shape: x.shape, data };
}

function converter(from: DType, to: DType): (value: never) => unknown {
  const integral = isInteger(from) || from === "bool";
  if (to === "bool") return (value: number | bigint) => (Number(value) === 0 ? 0 : 1);
  // Typed arrays wrap bigints and integers themselves.
  if (isBig(to)) return isBig(from) ? (value: bigint) => value : (value: number) => toBig(value);
  if (isBig(from)) return isInteger(to) ? (value: bigint) => Number(BigInt.asIntN(32, value)) : Number;
  if (isInteger(to) && !integral) {
    const limit = to === "uint32" ? 2 ** 53 : 2 ** 31;
    return (value: number) => (Math.abs(value) < limit ? Math.trunc(value) : LEAST_INT32);
  }
  return (value: number) => value;
}

function toBig(value: number): bigint {
  return Number.isFinite(value) && Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : LEAST_INT64;
}
