import type { Tensor } from "@servable/core";
import { intAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHost } from "../run/kernel.js";
import { blank, elementsOf } from "./host/elements.js";
import { pickAxes } from "./host/pick.js";
import { axisOf, formatShape, integersOf, mismatch, stridesOf } from "./host/shapes.js";

function backwards(size: number): number[] {
  return Array.from({ length: size }, (_, at) => size - 1 - at);
}

const reverseAxes: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  return onHost((x, axes) => {
    const turned = new Set(integersOf(axes).map((axis) => axisOf(axis, x.shape.length)));
    return pickAxes(
      x,
      x.shape.map((size, axis) => (turned.has(axis) ? backwards(size) : undefined)),
    );
  });
};

/** The first version takes a flag for each dimension. */
const reverseFlagged: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  return onHost((x, flags) =>
    pickAxes(
      x,
      x.shape.map((size, axis) => (flags.data[axis] === 1 ? backwards(size) : undefined)),
    ),
  );
};

/** Shifts along axes, around the end; shifts along the same axis add up. */
const roll: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  return onHost((x, shifts, axes) => {
    const total = x.shape.map(() => 0);
    const by = integersOf(shifts);
    for (const [at, axis] of integersOf(axes).entries()) {
      const along = axisOf(axis, x.shape.length);
      total[along] = (total[along] ?? 0) + (by[at] ?? 0);
    }
    return pickAxes(
      x,
      x.shape.map((size, axis) =>
        Array.from({ length: size }, (_, at) => (((at - (total[axis] ?? 0)) % size) + size) % size),
      ),
    );
  });
};

/** Turns the first `lengths[b]` elements along `seq_dim` round, for each b of `batch_dim`. */
const reverseSequence: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  const sequence = intAttribute(node, "seq_dim");
  const batch = intAttribute(node, "batch_dim", 0);
  return onHost((x, lengths) => reverseEach(x, integersOf(lengths), { sequence, batch }));
};

interface Axes {
  readonly sequence: number;
  readonly batch: number;
}

function reverseEach(x: Tensor, lengths: readonly number[], axes: Axes): Tensor {
  const [sequence, batch] = [axisOf(axes.sequence, x.shape.length), axisOf(axes.batch, x.shape.length)];
  const steps = x.shape[sequence] ?? 0;
  if (lengths.length !== x.shape[batch] || lengths.some((length) => length < 0 || length > steps)) {
    throw mismatch(`lengths ${formatShape(lengths)} do not go with ${formatShape(x.shape)}`);
  }
  const strides = stridesOf(x.shape);
  const [stride, batchStride] = [strides[sequence] ?? 1, strides[batch] ?? 1];
  const result = blank(x.dtype, x.shape);
  const [source, target] = [elementsOf(x), elementsOf(result)];
  for (let at = 0; at < x.data.length; at++) {
    const step = Math.floor(at / stride) % steps;
    const length = lengths[Math.floor(at / batchStride) % lengths.length] ?? 0;
    target[at] = source[step < length ? at + (length - 1 - 2 * step) * stride : at];
  }
  return result;
}

/** Operations that turn dimensions round. */
export const REVERSAL: KernelTable = {
  Reverse: reverseFlagged,
  ReverseSequence: reverseSequence,
  ReverseV2: reverseAxes,
  Roll: roll,
};
