import type { Tensor } from "@servable/core";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { Device } from "../run/device.js";
import { type KernelFactory, type KernelTable, onValues } from "../run/kernel.js";
import { Value } from "../run/value.js";
import { axisOf, formatShape, integersOf, mismatch, stridesOf } from "./host/shapes.js";
import { copyView } from "./host/strided.js";

/** The device turns no more dimensions at once. */
const MAX_DEVICE_RANK = 6;

/** A tensor with its dimensions in another order: dimension i of the result is `order[i]` of the operand. */
export function transposeTensor(x: Tensor, order: readonly number[]): Tensor {
  const strides = stridesOf(x.shape);
  return copyView(x, {
    shape: order.map((axis) => x.shape[axis] ?? 0),
    strides: order.map((axis) => strides[axis] ?? 0),
    offset: 0,
  });
}

/** The same with a value, where it lies; the result is a value of its own. */
export function transposeValue(x: Value, order: readonly number[], device: Device): Value {
  if (!x.isOnDevice || x.size === 0 || x.shape.length > MAX_DEVICE_RANK) {
    return Value.ofHost(transposeTensor(x.host(), order), device);
  }
  return Value.ofDevice(device.run("Transpose", { x: x.device() }, { perm: [...order] }), device);
}

function checkedOrder(permutation: Tensor, rank: number): number[] {
  const order = integersOf(permutation).map((axis) => axisOf(axis, rank));
  if (order.length === rank && new Set(order).size === rank) return order;
  throw mismatch(`${formatShape(order)} is not an order of ${rank} dimensions`);
}

const transpose: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  return onValues((device, x, permutation) =>
    transposeValue(x, checkedOrder(permutation.host(), x.shape.length), device),
  );
};

/** Operations that put dimensions into another order. */
export const TRANSPOSE: KernelTable = { Transpose: transpose };
