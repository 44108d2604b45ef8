import type { Tensor } from "@servable/core";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHost } from "../run/kernel.js";
import { arithmeticOf, blank, elementsOf, isBig, isInteger, tensorOfNumbers } from "./host/elements.js";
import { broadcastShapes, formatShape, integerOf, integersOf, mismatch, stridesOf } from "./host/shapes.js";
import { broadcastTo, copyView } from "./host/strided.js";

const NUMBERS = [...DTYPES.numeric, "float16", "bfloat16"] as const;

function moving(compute: (...inputs: readonly Tensor[]) => Tensor): KernelFactory {
  return (node) => {
    dtypeAmong(node, "T", DTYPES.any);
    return onHost(compute);
  };
}

/** A tensor of one value. */
export function filled(dtype: Tensor["dtype"], shape: readonly number[], value: unknown): Tensor {
  const result = blank(dtype, shape);
  const target = elementsOf(result);
  for (let at = 0; at < result.data.length; at++) target[at] = value;
  return result;
}

function alike(x: Tensor): Tensor {
  return filled(x.dtype, x.shape, isBig(x.dtype) ? 1n : 1);
}

const onesLike: KernelFactory = (node) => {
  dtypeAmong(node, "T", [...NUMBERS, "bool"]);
  return onHost(alike);
};

const range: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, { name: "Tidx", fallback: "int32" }, NUMBERS);
  const { add, subtract } = arithmeticOf(dtype);
  return onHost((start, limit, delta) => {
    const [from, to, step]: readonly unknown[] = [start.data[0], limit.data[0], delta.data[0]];
    if (Number(step) === 0) throw mismatch("a range needs a step other than 0");
    // Bigints are subtracted without loss; what is left is small.
    const length = Math.max(0, Math.ceil(exactly(Number(subtract(to, from)) / Number(step))));
    const result = blank(dtype, [length]);
    const target = elementsOf(result);
    if (isInteger(dtype)) {
      for (let at = 0, value = from; at < length; at++, value = add(value, step)) target[at] = value;
    } else {
      // Multiplied in float64, so that no error adds up.
      for (let at = 0; at < length; at++) target[at] = Number(from) + at * Number(step);
    }
    return result;
  });
};

/** Float32 steps are not quite what they stand for: 1 / 0.1 in float64 of float32 lies a little below 10. */
function exactly(quotient: number): number {
  return Math.fround(quotient) === Math.round(quotient) ? Math.round(quotient) : quotient;
}

const linSpace: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", [...DTYPES.floating, "float16", "bfloat16"]);
  return onHost((start, stop, count) => {
    const [from, to] = [Number(start.data[0]), Number(stop.data[0])];
    const steps = integerOf(count);
    if (steps < 1) throw mismatch(`a line of ${steps} numbers`);
    const values = Array.from({ length: steps }, (_, at) => from + (at * (to - from)) / (steps - 1));
    values[steps - 1] = steps === 1 ? from : to;
    return tensorOfNumbers(dtype, [steps], values);
  });
};

function tile(x: Tensor, multiples: Tensor): Tensor {
  const times = integersOf(multiples);
  if (times.length !== x.shape.length) throw mismatch(`${times.length} multiples for ${x.shape.length} dimensions`);
  const strides = stridesOf(x.shape);
  // Each dimension becomes two: how often, which stands still, and the dimension itself.
  const repeated = copyView(x, {
    shape: x.shape.flatMap((size, axis) => [times[axis] ?? 1, size]),
    strides: strides.flatMap((stride) => [0, stride]),
    offset: 0,
  });
  return { ...repeated, shape: x.shape.map((size, axis) => size * (times[axis] ?? 1)) };
}

function checkedBroadcast(x: Tensor, shape: Tensor): Tensor {
  const wanted = integersOf(shape);
  if (broadcastShapes(x.shape, wanted).join() !== wanted.join()) {
    throw mismatch(`${formatShape(x.shape)} cannot be stretched to ${formatShape(wanted)}`);
  }
  return broadcastTo(x, wanted);
}

const broadcastArgs: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, { name: "T", fallback: "int32" }, ["int32", "int64"]);
  return onHost((one, other) => {
    const shape = broadcastShapes(integersOf(one), integersOf(other));
    return tensorOfNumbers(dtype, [shape.length], shape);
  });
};

/** Operations that make tensors of few values. */
export const FILLING: KernelTable = {
  BroadcastArgs: broadcastArgs,
  BroadcastTo: moving(checkedBroadcast),
  Fill: moving((dims, value) => filled(value.dtype, integersOf(dims), value.data[0])),
  LinSpace: linSpace,
  OnesLike: onesLike,
  Range: range,
  Tile: moving(tile),
  ZerosLike: moving((x) => blank(x.dtype, x.shape)),
};
