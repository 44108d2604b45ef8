import { type DType, sizeOf, type Tensor } from "@servable/core";
import { reserve } from "./allowance.js";
import { isBig, isInteger } from "./elements.js";
import { broadcastShapes } from "./shapes.js";
import { broadcastTo, type Elements } from "./strided.js";

/** A function of two elements, for each way in which elements are kept. */
export interface BinaryFunction {
  readonly number: (a: number, b: number) => number;
  /** 64-bit integers, exact; results wrap as TensorFlow's do. */
  readonly bigint?: (a: bigint, b: bigint) => bigint;
  /** 32-bit and smaller integers, where numbers would lose bits or round otherwise. */
  readonly integer?: (a: number, b: number) => number;
}

/** Applies a function to the elements of two tensors of one dtype, stretched to each other. */
export function mapBinary(a: Tensor, b: Tensor, { number, bigint, integer }: BinaryFunction): Tensor {
  const big = isBig(a.dtype) ? bigint : undefined;
  const plain = isInteger(a.dtype) ? (integer ?? number) : number;
  return zip(a, b, { dtype: a.dtype, compute: big ?? plain });
}

/** A comparison of elements, which JavaScript does alike for numbers and bigints. */
export type Comparison = (a: number | bigint, b: number | bigint) => boolean;

/** Compares the elements of two tensors, stretched to each other; the result is bool. */
export function mapComparison(a: Tensor, b: Tensor, compare: Comparison): Tensor {
  return zip(a, b, { dtype: "bool", compute: (x: never, y: never) => (compare(x, y) ? 1 : 0) });
}

interface Zip {
  readonly dtype: DType;
  readonly compute: (x: never, y: never) => unknown;
}

function zip(a: Tensor, b: Tensor, { dtype, compute }: Zip): Tensor {
  const shape = broadcastShapes(a.shape, b.shape);
  const size = sizeOf(shape);
  const data = reserve(dtype, size);
  const target = data as unknown as Elements;
  const one = sizeOf(a.shape) === 1 ? a : broadcastTo(a, shape);
  const other = sizeOf(b.shape) === 1 ? b : broadcastTo(b, shape);
  const left = one.data as unknown as Record<number, never>;
  const right = other.data as unknown as Record<number, never>;
  const stepLeft = one.data.length === 1 ? 0 : 1;
  const stepRight = other.data.length === 1 ? 0 : 1;
  for (let at = 0; at < size; at++) {
    target[at] = compute(left[at * stepLeft] as never, right[at * stepRight] as never);
  }
  return { dtype, shape, data };
}

/** A function of one element, for each way in which elements are kept. */
export interface UnaryFunction {
  readonly number: (value: number) => number;
  /** 64-bit integers, exact; results wrap as TensorFlow's do. */
  readonly bigint?: (value: bigint) => bigint;
  /** 32-bit and smaller integers, where numbers would lose bits. */
  readonly integer?: (value: number) => number;
}

/** Applies a function to each element; the result has the dtype of the operand. */
export function mapUnary(x: Tensor, { number, bigint, integer }: UnaryFunction): Tensor {
  const data = reserve(x.dtype, sizeOf(x.shape));
  const target = data as unknown as Elements;
  const source = x.data as unknown as Record<number, never>;
  const plain = isInteger(x.dtype) ? (integer ?? number) : number;
  const compute = (isBig(x.dtype) ? (bigint ?? plain) : plain) as (value: never) => unknown;
  for (let at = 0; at < data.length; at++) target[at] = compute(source[at] as never);
  return { dtype: x.dtype, shape: x.shape, data };
}

/** Tests each element; the result is bool. */
export function mapTest(x: Tensor, test: (value: number) => boolean): Tensor {
  const source = x.data as ArrayLike<number>;
  const data = Uint8Array.from({ length: source.length }, (_, at) => (test(source[at] ?? 0) ? 1 : 0));
  return { dtype: "bool", shape: x.shape, data };
}
