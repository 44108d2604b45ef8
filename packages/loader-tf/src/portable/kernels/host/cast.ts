import type { DType, Tensor } from "@servable/core";
import { bitsOf, blank, elementsOf, isBig, isInteger } from "./elements.js";
import { roundTo } from "./half.js";

/** A float beyond an integer type has no meaning in C; TensorFlow gives the type's least value on x86, as we do. */
const LEAST_INT64 = -(2n ** 63n);
const LEAST_INT32 = -(2 ** 31);

/**
 * The elements in another dtype: floats are cut towards zero, integers wrap, what is not zero is true, what a float
 * type cannot hold goes to the nearest, half to even.
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  const result = blank(dtype, x.shape);
  const target = elementsOf(result);
  const source = elementsOf(x);
  const convert = converter(x.dtype, dtype);
  for (let at = 0; at < x.data.length; at++) target[at] = convert(source[at] as never);
  if (dtype === "float16" || dtype === "bfloat16") {
    return { ...result, data: roundTo(dtype, result.data as Float32Array) };
  }
  return result;
}

function converter(from: DType, to: DType): (value: never) => unknown {
  const integral = isInteger(from) || from === "bool";
  if (to === "bool") return (value: number | bigint) => (Number(value) === 0 ? 0 : 1);
  // Typed arrays wrap bigints and integers themselves.
  if (isBig(to)) return isBig(from) ? (value: bigint) => value : toBigWithin(to === "uint64" ? 2 ** 64 : 2 ** 63);
  if (isBig(from)) {
    if (isInteger(to)) return (value: bigint) => Number(BigInt.asIntN(32, value));
    return to === "float64" ? Number : toFloat32;
  }
  if (isInteger(to) && !integral) {
    const limit = to === "uint32" ? 2 ** 32 : 2 ** 31;
    const least = bitsOf(to) === 32 ? LEAST_INT32 : 0;
    return (value: number) => (value > -(2 ** 31) - 1 && value < limit ? Math.trunc(value) : least);
  }
  return (value: number) => value;
}

function toBigWithin(limit: number): (value: number) => bigint {
  return (value) => (value >= -(2 ** 63) && value < limit ? BigInt(Math.trunc(value)) : LEAST_INT64);
}

/** Rounded once: float64 in between would round twice. What is cut off below leaves a mark in the last bit. */
function toFloat32(value: bigint): number {
  if (BigInt.asIntN(53, value) === value) return Number(value);
  const mark = (value & 2047n) === 0n ? 0n : 1n;
  return Number((value >> 11n) | mark) * 2048;
}
