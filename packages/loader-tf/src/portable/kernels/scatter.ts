import { sizeOf, type Tensor } from "@servable/core";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHost } from "../run/kernel.js";
import { arithmeticOf, blank, elementsOf } from "./host/elements.js";
import { formatShape, integersOf, mismatch, stridesOf } from "./host/shapes.js";

const NUMBERS = [...DTYPES.numeric, "float16", "bfloat16"] as const;

/** Where each index vector (the last dimension of `indices`) points to, in elements. */
function offsetsOf(indices: Tensor, shape: readonly number[]): readonly number[] {
  const depth = indices.shape.at(-1) ?? 1;
  if (depth > shape.length) throw mismatch(`indices of ${depth} numbers for ${formatShape(shape)}`);
  const strides = stridesOf(shape);
  const flat = integersOf(indices);
  return Array.from({ length: sizeOf(indices.shape.slice(0, -1)) }, (_, at) => {
    let offset = 0;
    for (let axis = 0; axis < depth; axis++) {
      const index = flat[at * depth + axis] ?? 0;
      if (index < 0 || index >= (shape[axis] ?? 0))
        throw mismatch(`index ${index} lies outside of ${formatShape(shape)}`);
      offset += index * (strides[axis] ?? 1);
    }
    return offset;
  });
}

function gatherNd(x: Tensor, indices: Tensor): Tensor {
  const depth = indices.shape.at(-1) ?? 1;
  const slice = x.shape.slice(depth);
  const length = sizeOf(slice);
  const result = blank(x.dtype, [...indices.shape.slice(0, -1), ...slice]);
  const [source, target] = [elementsOf(x), elementsOf(result)];
  let to = 0;
  for (const from of offsetsOf(indices, x.shape)) {
    for (let at = 0; at < length; at++) target[to++] = source[from + at];
  }
  return result;
}

type Combine = (old: unknown, update: unknown) => unknown;

/** Puts the updates into a copy of `x`, one after the other. */
function scatterInto(x: Tensor, indices: Tensor, { updates, combine }: { updates: Tensor; combine: Combine }): Tensor {
  const slice = x.shape.slice(indices.shape.at(-1) ?? 1);
  const wanted = [...indices.shape.slice(0, -1), ...slice];
  if (updates.shape.join() !== wanted.join()) {
    throw mismatch(`updates of shape ${formatShape(updates.shape)} where ${formatShape(wanted)} are wanted`);
  }
  const length = sizeOf(slice);
  const result: Tensor = { ...x, data: x.data.slice() };
  const [source, target] = [elementsOf(updates), elementsOf(result)];
  let from = 0;
  for (const to of offsetsOf(indices, x.shape)) {
    for (let at = to; at < to + length; at++) target[at] = combine(target[at], source[from++]);
  }
  return result;
}

type ByArithmetic = (arithmetic: ReturnType<typeof arithmeticOf>) => Combine;

function tensorScatter(by: ByArithmetic | undefined): KernelFactory {
  return (node) => {
    const dtype = dtypeAmong(node, "T", by === undefined ? DTYPES.any : DTYPES.numeric);
    const combine: Combine = by === undefined ? (_, update) => update : by(arithmeticOf(dtype));
    return onHost((x, indices, updates) => scatterInto(x, indices, { updates, combine }));
  };
}

const scatterNd: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", [...NUMBERS, "bool"]);
  const { add } = arithmeticOf(dtype);
  const combine: Combine = dtype === "bool" ? (old, update) => Number(old) | Number(update) : add;
  return onHost((indices, updates, shape) =>
    scatterInto(blank(dtype, integersOf(shape)), indices, { updates, combine }),
  );
};

/** Operations that read and write slices at index vectors. */
export const SCATTER: KernelTable = {
  GatherNd: (node) => {
    dtypeAmong(node, "Tparams", DTYPES.any);
    return onHost(gatherNd);
  },
  ScatterNd: scatterNd,
  ScatterNdNonAliasingAdd: tensorScatter(({ add }) => add),
  TensorScatterAdd: tensorScatter(({ add }) => add),
  TensorScatterMax: tensorScatter(({ larger }) => larger),
  TensorScatterMin: tensorScatter(({ smaller }) => smaller),
  TensorScatterSub: tensorScatter(({ subtract }) => subtract),
  TensorScatterUpdate: tensorScatter(undefined),
};
