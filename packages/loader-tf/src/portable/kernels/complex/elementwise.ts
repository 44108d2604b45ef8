import type { DType, Tensor } from "@servable/core";
import { dtypeAmong, type TypeWithDefault } from "../../graph/dtypes.js";
import type { KernelFactory, KernelTable } from "../../run/kernel.js";
import { onHost } from "../../run/kernel.js";
import { blank, numbersOf } from "../host/elements.js";
import { broadcastShapes } from "../host/shapes.js";
import { broadcastTo } from "../host/strided.js";
import { type ComplexType, complexOf, isComplex, joined, partOf, partType } from "./parts.js";

/** A number: its real and its imaginary part. */
type Complex = readonly [number, number];

const COMPLEX: readonly DType[] = ["complex64", "complex128"];
const PARTS: readonly DType[] = ["float32", "float64"];

/** Types that are left out where they are complex64 and float32. */
const T: TypeWithDefault = { name: "T", fallback: "complex64" };
const PART_IN: TypeWithDefault = { name: "T", fallback: "float32" };
const PART_OUT: TypeWithDefault = { name: "Tout", fallback: "float32" };

function mapComplex(x: Tensor, compute: (value: Complex) => Complex): Tensor {
  const result = blank(x.dtype, x.shape);
  const [source, target] = [numbersOf(x), result.data as Float64Array];
  for (let at = 0; at < source.length; at += 2) {
    [target[at], target[at + 1]] = compute([source[at] ?? 0, source[at + 1] ?? 0]);
  }
  return result;
}

/** Two parts are stretched to each other, elements are not: broadcasting goes by whole numbers. */
function zipComplex(a: Tensor, b: Tensor, compute: (a: Complex, b: Complex) => Complex): Tensor {
  const shape = broadcastShapes(a.shape, b.shape);
  const parts = [a, b].flatMap((x) => [0, 1].map((part) => broadcastTo(partOf(x, part === 0 ? 0 : 1), shape)));
  const [x, y, u, v] = parts.map(numbersOf);
  const result = blank(a.dtype, shape);
  const target = result.data as Float64Array;
  for (let at = 0; 2 * at < target.length; at++) {
    const left: Complex = [x?.[at] ?? 0, y?.[at] ?? 0];
    [target[2 * at], target[2 * at + 1]] = compute(left, [u?.[at] ?? 0, v?.[at] ?? 0]);
  }
  return result;
}

const times = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c];
const over = ([a, b]: Complex, [c, d]: Complex): Complex => {
  const square = c * c + d * d;
  return [(a * c + b * d) / square, (b * c - a * d) / square];
};
const polar = (length: number, angle: number): Complex => [length * Math.cos(angle), length * Math.sin(angle)];
const exp = ([x, y]: Complex): Complex => polar(Math.exp(x), y);
const log = ([x, y]: Complex): Complex => [Math.log(Math.hypot(x, y)), Math.atan2(y, x)];
const root = ([x, y]: Complex): Complex => polar(Math.sqrt(Math.hypot(x, y)), Math.atan2(y, x) / 2);
const power = (base: Complex, exponent: Complex): Complex => {
  // As TensorFlow has it, not even 0 to the power of 0 is 1.
  if (base[0] === 0 && base[1] === 0) return exponent[0] > 0 ? [0, 0] : [Number.NaN, Number.NaN];
  return exp(times(exponent, log(base)));
};

function unary(compute: (value: Complex) => Complex): KernelFactory {
  return (node) => {
    dtypeAmong(node, T, COMPLEX);
    return onHost((x) => mapComplex(x, compute));
  };
}

function binary(compute: (a: Complex, b: Complex) => Complex): KernelFactory {
  return (node) => {
    dtypeAmong(node, T, COMPLEX);
    return onHost((a, b) => zipComplex(a, b, compute));
  };
}

/** What a complex number is turned into that is none. */
function measured(measure: (x: number, y: number) => number): KernelFactory {
  return (node) => {
    dtypeAmong(node, T, COMPLEX);
    dtypeAmong(node, PART_OUT, PARTS);
    return onHost((z) => {
      const result = blank(partType(z.dtype as ComplexType), z.shape);
      const [source, target] = [numbersOf(z), result.data as Float64Array];
      for (let at = 0; at < target.length; at++) target[at] = measure(source[2 * at] ?? 0, source[2 * at + 1] ?? 0);
      return result;
    });
  };
}

const complex: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, PART_IN, PARTS);
  dtypeAmong(node, { name: "Tout", fallback: complexOf(dtype) }, COMPLEX);
  return onHost((real, imaginary) => {
    const shape = broadcastShapes(real.shape, imaginary.shape);
    return joined(broadcastTo(real, shape), broadcastTo(imaginary, shape));
  });
};

/** Real numbers are their own conjugates. */
const conjugate: KernelFactory = () =>
  onHost((x) => (isComplex(x.dtype) ? mapComplex(x, ([real, imaginary]) => [real, -imaginary]) : x));

/** Operations that there are for complex numbers only. */
export const COMPLEX_NUMBERS: KernelTable = {
  Angle: measured((x, y) => Math.atan2(y, x)),
  Complex: complex,
  ComplexAbs: measured(Math.hypot),
  Conj: conjugate,
  Imag: measured((_, y) => y),
  Real: measured((x) => x),
};

/** What operations of other numbers do with complex ones. */
export const ON_COMPLEX: KernelTable = {
  Div: binary(over),
  Exp: unary(exp),
  Inv: unary((value) => over([1, 0], value)),
  Log: unary(log),
  Pow: binary(power),
  RealDiv: binary(over),
  Reciprocal: unary((value) => over([1, 0], value)),
  Sqrt: unary(root),
  Square: unary((value) => times(value, value)),
};
