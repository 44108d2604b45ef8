import { sizeOf, type Tensor } from "@servable/core";
import { intAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHost } from "../run/kernel.js";
import { reserve } from "./host/allowance.js";
import { axisOf, checkedShape, formatShape, integerOf, integersOf, mismatch } from "./host/shapes.js";
import type { Elements } from "./host/strided.js";

interface GatherRequest {
  readonly axis: number;
  readonly batchDims: number;
}

/**
 * Takes slices of `x` along an axis: the shape is x[:axis] + indices[batchDims:] + x[axis + 1:], and the first
 * `batchDims` dimensions of both go along with each other.
 */
function gather(x: Tensor, indices: Tensor, { axis, batchDims }: GatherRequest): Tensor {
  const along = axisOf(axis, x.shape.length);
  const limit = x.shape[along] ?? 0;
  const same = x.shape.slice(0, batchDims).every((size, d) => size === indices.shape[d]);
  if (batchDims > along || batchDims > indices.shape.length || !same) {
    throw mismatch(`${formatShape(indices.shape)} does not index ${formatShape(x.shape)} with ${batchDims} batch dims`);
  }
  const picks = integersOf(indices);
  const wrong = picks.find((index) => index < 0 || index >= limit);
  if (wrong !== undefined) throw mismatch(`index ${wrong} lies outside of [0, ${limit})`);
  const inner = sizeOf(x.shape.slice(along + 1));
  const between = sizeOf(x.shape.slice(batchDims, along));
  const batches = sizeOf(x.shape.slice(0, batchDims));
  const perBatch = sizeOf(indices.shape.slice(batchDims));
  const shape = checkedShape([
    ...x.shape.slice(0, along),
    ...indices.shape.slice(batchDims),
    ...x.shape.slice(along + 1),
  ]);
  const data = reserve(x.dtype, sizeOf(shape));
  const target = data as unknown as Elements;
  const source = x.data as unknown as Elements;
  let at = 0;
  for (let outer = 0; outer < batches * between; outer++) {
    const batch = Math.floor(outer / between);
    for (let pick = 0; pick < perBatch; pick++) {
      const from = (outer * limit + (picks[batch * perBatch + pick] ?? 0)) * inner;
      for (let step = 0; step < inner; step++) target[at++] = source[from + step];
    }
  }
  return { dtype: x.dtype, shape, data };
}

const gatherFirst: KernelFactory = (node) => {
  dtypeAmong(node, "Tparams", DTYPES.any);
  const batchDims = intAttribute(node, "batch_dims", 0);
  return onHost((x, indices) => gather(x, indices, { axis: batchDims, batchDims }));
};

const gatherAlong: KernelFactory = (node) => {
  dtypeAmong(node, "Tparams", DTYPES.any);
  const batchDims = intAttribute(node, "batch_dims", 0);
  return onHost((x, indices, axis) => {
    const before = batchDims < 0 ? batchDims + indices.shape.length : batchDims;
    return gather(x, indices, { axis: integerOf(axis), batchDims: before });
  });
};

const oneHot: KernelFactory = (node) => {
  dtypeAmong(node, "T", [...DTYPES.numeric, "bool"]);
  const axis = intAttribute(node, "axis", -1);
  return onHost((indices, depth, on, off) => {
    const classes = integerOf(depth);
    const at = axis === -1 ? indices.shape.length : axisOf(axis, indices.shape.length + 1);
    const shape = checkedShape(indices.shape.toSpliced(at, 0, classes));
    const data = reserve(on.dtype, sizeOf(shape));
    const target = data as unknown as Elements & { fill(value: unknown): void };
    target.fill(off.data[0]);
    const inner = sizeOf(indices.shape.slice(at));
    for (const [position, index] of integersOf(indices).entries()) {
      if (index < 0 || index >= classes) continue;
      const outer = Math.floor(position / inner);
      target[(outer * classes + index) * inner + (position % inner)] = on.data[0];
    }
    return { dtype: on.dtype, shape, data };
  });
};

/** Operations that pick elements by index. */
export const GATHER: KernelTable = { Gather: gatherFirst, GatherV2: gatherAlong, OneHot: oneHot };
