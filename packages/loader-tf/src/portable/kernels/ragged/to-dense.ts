import { sizeOf, type Tensor } from "@servable/core";
import { textsAttribute } from "../../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../../graph/dtypes.js";
import type { GraphNode } from "../../graph/graph.js";
import { describeNode, malformed, unsupported } from "../../graph/graph-error.js";
import { type KernelFactory, type KernelTable, onHost } from "../../run/kernel.js";
import { blank, elementsOf } from "../host/elements.js";
import { type Partition, partitionOfRowIds, partitionOfSplits } from "../host/partition.js";
import { pickAxes } from "../host/pick.js";
import { broadcastShapes, formatShape, integerOf, integersOf, mismatch, stridesOf } from "../host/shapes.js";

const KINDS = ["FIRST_DIM_SIZE", "ROW_SPLITS", "VALUE_ROWIDS"] as const;
type Kind = (typeof KINDS)[number];

/** What the partition tensors say; only the first may be the number of rows, for the row ids that follow. */
function kindsOf(node: GraphNode): readonly Kind[] {
  const kinds = textsAttribute(node, "row_partition_types").map((written) => {
    const kind = KINDS.find((known) => known === written);
    if (kind === undefined) throw unsupported(`row partition ${written}`);
    return kind;
  });
  const [first] = kinds;
  if (first === undefined || first === "VALUE_ROWIDS" || kinds.lastIndexOf("FIRST_DIM_SIZE") > 0) {
    throw malformed(`${describeNode(node)} does not say how many rows there are`);
  }
  return kinds;
}

/** The partitions from the outermost; each one's elements are the rows of the next, and at last of `length` values. */
function partitionsOf(kinds: readonly Kind[], tensors: readonly Tensor[], length: number): readonly Partition[] {
  const partitions: Partition[] = [];
  let rows: number | undefined;
  for (const [at, kind] of kinds.entries()) {
    const tensor = tensors[at];
    if (tensor === undefined) throw mismatch("a ragged tensor lacks one of its partitions");
    if (kind === "FIRST_DIM_SIZE") {
      rows = integerOf(tensor);
      continue;
    }
    const numbers = integersOf(tensor);
    const partition = kind === "ROW_SPLITS" ? partitionOfSplits(numbers) : partitionOfRowIds(numbers, rows ?? 0);
    if (rows !== undefined && partition.rows !== rows) {
      throw mismatch(`${partition.rows} rows are cut where there are ${rows}`);
    }
    partitions.push(partition);
    rows = partition.length;
  }
  if (rows === length) return partitions;
  throw mismatch(`partitions of ${rows ?? 0} values for ${length}`);
}

/** The shape with what is left open (-1, or the whole of it) as the data have it. */
function completed(shape: Tensor, own: readonly number[], inner: number): readonly number[] {
  const wanted = integersOf(shape);
  if (shape.shape.length === 0 && wanted[0] === -1) return own;
  const complete = own.map((size, axis) => (wanted[axis] === -1 ? size : (wanted[axis] ?? -1)));
  const isInner = complete.every((size, axis) => axis < inner || size === own[axis]);
  if (wanted.length === own.length && isInner) return complete;
  throw mismatch(`values of a ragged tensor ${formatShape(own)} do not fill ${formatShape(wanted)}`);
}

/** The value of what no row reaches, for one element of the last ragged dimension. */
function stretched(fallback: Tensor, row: readonly number[]): Tensor {
  if (broadcastShapes(fallback.shape, row).join() !== row.join()) {
    throw mismatch(`a default of shape ${formatShape(fallback.shape)} for ${formatShape(row)}`);
  }
  const shape = [...row.slice(fallback.shape.length).map(() => 1), ...fallback.shape];
  const picks = shape.map((size, axis) =>
    size === row[axis] ? undefined : Array.from({ length: row[axis] ?? 0 }, () => 0),
  );
  return pickAxes({ ...fallback, shape }, picks);
}

/** Rows become equally long: longer ones are cut, shorter ones get the default. */
const toDense: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  const kinds = kindsOf(node);
  return onHost((shape, values, fallback, ...tensors) => {
    const [length, ...row] = values.shape;
    if (length === undefined) throw mismatch("a ragged tensor cannot have a scalar for its values");
    const partitions = partitionsOf(kinds, tensors, length);
    const [first] = partitions;
    const own = [first?.rows ?? integerOf(tensors[0] ?? shape), ...partitions.map(({ widest }) => widest), ...row];
    const dense = completed(shape, own, own.length - row.length);
    const result = blank(values.dtype, dense);
    const [source, target, fill] = [elementsOf(values), elementsOf(result), elementsOf(stretched(fallback, row))];
    const step = sizeOf(row);
    for (let at = 0; at < result.data.length; at++) target[at] = fill[at % step];
    const place = placing(partitions, dense);
    for (let at = 0; at < length; at++) {
      const to = place(at);
      if (to < 0) continue;
      for (let offset = 0; offset < step; offset++) target[to + offset] = source[at * step + offset];
    }
    return result;
  });
};

/** Where each value begins in the dense tensor; -1 if it was cut. */
function placing(partitions: readonly Partition[], shape: readonly number[]): (value: number) => number {
  const strides = stridesOf(shape);
  return (value) => {
    let to = 0;
    let at = value;
    for (let axis = partitions.length; axis > 0; axis--) {
      const [row, column] = partitions[axis - 1]?.place(at) ?? [0, 0];
      if (column >= (shape[axis] ?? 0)) return -1;
      to += column * (strides[axis] ?? 0);
      at = row;
    }
    return at < (shape[0] ?? 0) ? to + at * (strides[0] ?? 0) : -1;
  };
}

/** Ragged tensors that become dense ones. */
export const RAGGED_TO_DENSE: KernelTable = { RaggedTensorToTensor: toDense };
