import type { DType, Tensor } from "@servable/core";
import { blank, numbersOf } from "../host/elements.js";

/** Element types of complex numbers, and of the parts that they are made of. */
export type ComplexType = "complex64" | "complex128";

/** Whether elements have a real and an imaginary part. */
export function isComplex(dtype: DType): dtype is ComplexType {
  return dtype === "complex64" || dtype === "complex128";
}

/** The element type of the parts. */
export function partType(dtype: ComplexType): "float32" | "float64" {
  return dtype === "complex64" ? "float32" : "float64";
}

/** The element type that has such parts. */
export function complexOf(dtype: DType): ComplexType {
  return dtype === "float64" ? "complex128" : "complex64";
}

/** The real (0) or the imaginary (1) parts of a complex tensor; a tensor of floats has no imaginary ones. */
export function partOf(x: Tensor, part: 0 | 1): Tensor {
  if (!isComplex(x.dtype)) return part === 0 ? x : blank(x.dtype, x.shape);
  const result = blank(partType(x.dtype), x.shape);
  const [source, target] = [numbersOf(x), result.data as Float64Array];
  for (let at = 0; at < target.length; at++) target[at] = source[2 * at + part] ?? 0;
  return result;
}

/** The complex tensor of these parts, which have one shape. */
export function joined(real: Tensor, imaginary: Tensor): Tensor {
  const result = blank(complexOf(real.dtype), real.shape);
  const target = result.data as Float64Array;
  const [x, y] = [numbersOf(real), numbersOf(imaginary)];
  for (let at = 0; at < x.length; at++) {
    target[2 * at] = x[at] ?? 0;
    target[2 * at + 1] = y[at] ?? 0;
  }
  return result;
}
