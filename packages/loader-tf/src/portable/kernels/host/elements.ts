import { type DType, ServingError, sizeOf, type Tensor } from "@servable/core";
import { reserve } from "./allowance.js";
import { checkedShape } from "./shapes.js";
import type { Elements } from "./strided.js";

/** The elements of a tensor, whatever they are kept in. */
export function elementsOf({ data }: Tensor): Elements {
  return data;
}

/** The elements of a tensor of numbers; 64-bit integers are bigints and not among them. */
export function numbersOf({ data }: Tensor): ArrayLike<number> {
  return data as ArrayLike<number>;
}

/** More strings than this fill JavaScript's own heap, which ends the process, where other elements only fail to fit. */
const MAX_STRINGS = 2 ** 24;

/**
 * A tensor of zeros to write into before anybody sees it.
 * @throws ServingError INVALID_ARGUMENT for negative sizes, RESOURCE_EXHAUSTED for too many elements
 */
export function blank(dtype: DType, shape: readonly number[]): Tensor {
  const size = sizeOf(checkedShape(shape));
  if (dtype === "string" && size > MAX_STRINGS) throw tooLarge(shape);
  try {
    return { dtype, shape, data: reserve(dtype, size) };
  } catch (cause) {
    // There is not as much memory in one piece.
    if (cause instanceof RangeError) throw tooLarge(shape, cause);
    throw cause;
  }
}

function tooLarge(shape: readonly number[], cause?: RangeError): ServingError {
  return new ServingError("RESOURCE_EXHAUSTED", `a tensor of shape [${shape.join(", ")}] is too large`, { cause });
}

/** A tensor of the numbers, as bigints where the dtype wants them. */
export function tensorOfNumbers(dtype: DType, shape: readonly number[], numbers: ArrayLike<number>): Tensor {
  const result = blank(dtype, shape);
  const target = elementsOf(result);
  const big = isBig(dtype);
  for (let at = 0; at < numbers.length; at++) target[at] = big ? BigInt(numbers[at] ?? 0) : numbers[at];
  return result;
}

/** Whether elements of a dtype are bigints. */
export function isBig(dtype: DType): boolean {
  return dtype === "int64" || dtype === "uint64";
}

/** Whether elements of a dtype are integers. */
export function isInteger(dtype: DType): boolean {
  return /^u?int/.test(dtype);
}

/** Bits of an integer dtype. */
export function bitsOf(dtype: DType): number {
  return Number(/\d+$/.exec(dtype)?.[0] ?? 0);
}

/** The least and the greatest element of a dtype: infinities for floats. */
export function rangeOf(dtype: DType): readonly [unknown, unknown] {
  if (!isInteger(dtype)) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const bits = BigInt(bitsOf(dtype));
  const range = dtype.startsWith("u") ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
  const [least, greatest] = isBig(dtype) ? range : range.map(Number);
  return [least, greatest];
}

/** Arithmetic on elements as they are kept; what is too large wraps as it is written into the dtype's array. */
export interface Arithmetic {
  readonly zero: unknown;
  readonly one: unknown;
  readonly add: (a: unknown, b: unknown) => unknown;
  readonly subtract: (a: unknown, b: unknown) => unknown;
  readonly multiply: (a: unknown, b: unknown) => unknown;
  readonly less: (a: unknown, b: unknown) => boolean;
  /** NaN wins. */
  readonly smaller: (a: unknown, b: unknown) => unknown;
  readonly larger: (a: unknown, b: unknown) => unknown;
}

interface Typed<E> {
  readonly zero: E;
  readonly one: E;
  readonly add: (a: E, b: E) => E;
  readonly subtract: (a: E, b: E) => E;
  readonly multiply: (a: E, b: E) => E;
  readonly less: (a: E, b: E) => boolean;
  readonly smaller: (a: E, b: E) => E;
  readonly larger: (a: E, b: E) => E;
}

const FLOATS: Typed<number> = {
  zero: 0,
  one: 1,
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  less: (a, b) => a < b,
  smaller: Math.min,
  larger: Math.max,
};
const INTEGERS: Typed<number> = { ...FLOATS, multiply: Math.imul };
const BIGINTS: Typed<bigint> = {
  zero: 0n,
  one: 1n,
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  less: (a, b) => a < b,
  smaller: (a, b) => (a < b ? a : b),
  larger: (a, b) => (a > b ? a : b),
};

/** The arithmetic of a dtype of numbers. */
export function arithmeticOf(dtype: DType): Arithmetic {
  const typed = isBig(dtype) ? BIGINTS : isInteger(dtype) ? INTEGERS : FLOATS;
  return typed as unknown as Arithmetic;
}
