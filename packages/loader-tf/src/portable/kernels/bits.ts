import type { DType, Tensor } from "@servable/core";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHost } from "../run/kernel.js";
import { type BinaryFunction, mapBinary, mapUnary } from "./host/arithmetic.js";
import { bitcast } from "./host/bitcast.js";
import { bitsOf, blank, elementsOf } from "./host/elements.js";

const { integers } = DTYPES;

function bitwise(compute: BinaryFunction): KernelFactory {
  return (node) => {
    dtypeAmong(node, "T", integers);
    return onHost((a, b) => mapBinary(a, b, compute));
  };
}

/** Shifts by more than the type has bits, or by less than none, are undefined in C; TensorFlow clamps them. */
function shift(
  byNumber: (bits: number) => BinaryFunction["number"],
  bigint: (a: bigint, b: bigint) => bigint,
): KernelFactory {
  return (node) => {
    const bits = bitsOf(dtypeAmong(node, "T", integers));
    const clamped = (by: bigint): bigint => (by < 0n ? 0n : by > 63n ? 63n : by);
    return onHost((a, b) => mapBinary(a, b, { number: byNumber(bits), bigint: (x, y) => bigint(x, clamped(y)) }));
  };
}

function clamp(by: number, bits: number): number {
  return Math.min(Math.max(by, 0), bits - 1);
}

const invert: KernelFactory = (node) => {
  dtypeAmong(node, "T", integers);
  return onHost((x) => mapUnary(x, { number: (value) => ~value, bigint: (value) => ~value }));
};

/** The number of ones in the two's complement of each element, as uint8. */
function populationCount(x: Tensor): Tensor {
  const result = blank("uint8", x.shape);
  const target = elementsOf(result);
  const bits = bitsOf(x.dtype);
  for (const [at, value] of x.data.entries()) {
    let left = BigInt.asUintN(bits, BigInt(value as number | bigint));
    let ones = 0;
    for (; left !== 0n; left &= left - 1n) ones++;
    target[at] = ones;
  }
  return result;
}

const CASTABLE: readonly DType[] = [...DTYPES.numeric, "float16", "bfloat16", "complex64", "complex128"];

const bitcasting: KernelFactory = (node) => {
  dtypeAmong(node, "T", CASTABLE);
  const dtype = dtypeAmong(node, "type", CASTABLE);
  return onHost((x) => bitcast(x, dtype));
};

/** Operations on the bits of integers, and those that take the bits of one type for another. */
export const BITS: KernelTable = {
  Bitcast: bitcasting,
  BitwiseAnd: bitwise({ number: (a, b) => a & b, bigint: (a, b) => a & b }),
  BitwiseOr: bitwise({ number: (a, b) => a | b, bigint: (a, b) => a | b }),
  BitwiseXor: bitwise({ number: (a, b) => a ^ b, bigint: (a, b) => a ^ b }),
  Invert: invert,
  LeftShift: shift(
    (bits) => (a, b) => a << clamp(b, bits),
    (a, b) => a << b,
  ),
  PopulationCount: (node) => {
    dtypeAmong(node, "T", integers);
    return onHost(populationCount);
  },
  RightShift: shift(
    (bits) => (a, b) => (a < 0 ? a >> clamp(b, bits) : Math.floor(a / 2 ** clamp(b, bits))),
    (a, b) => a >> b,
  ),
};
