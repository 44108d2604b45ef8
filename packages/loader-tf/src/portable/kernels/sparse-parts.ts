import type { Tensor } from "@servable/core";
import { intAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { describeNode, malformed } from "../graph/graph-error.js";
import { type KernelFactory, type KernelTable, onHostMany } from "../run/kernel.js";
import { elementsOf } from "./host/elements.js";
import { axisOf, formatShape, integerOf, integersOf, mismatch } from "./host/shapes.js";
import { compareRows, type SparseTensor, sparseTensor, tensorsOf, vectorOf } from "./host/sparse-index.js";

interface Box {
  readonly start: readonly number[];
  readonly size: readonly number[];
}

/** What lies in a box, counted from the box's start; what the box has beyond the shape is cut. */
function sliceOf({ rows, values, shape }: SparseTensor, { start, size }: Box): SparseTensor {
  if (start.length !== shape.length || size.length !== shape.length || [...start, ...size].some((each) => each < 0)) {
    throw mismatch(`there is no slice from ${formatShape(start)} of ${formatShape(size)} in ${formatShape(shape)}`);
  }
  const cut = shape.map((length, axis) => Math.max(Math.min(size[axis] ?? 0, length - (start[axis] ?? 0)), 0));
  const elements = elementsOf(values);
  const kept = rows.flatMap((row, at) => {
    const moved = row.map((index, axis) => index - (start[axis] ?? 0));
    return moved.every((index, axis) => index >= 0 && index < (cut[axis] ?? 0)) ? [{ row: moved, at }] : [];
  });
  const found = kept.map(({ at }) => elements[at]);
  return { rows: kept.map(({ row }) => row), values: vectorOf(values.dtype, found), shape: cut };
}

const slice: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  return onHostMany((indices, values, shape, start, size) =>
    tensorsOf(sliceOf(sparseTensor(indices, values, shape), { start: integersOf(start), size: integersOf(size) })),
  );
};

/** Parts of one length; the first ones are longer by one where that does not come out even. */
const split: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  const count = intAttribute(node, "num_split");
  if (count < 1) throw malformed(`${describeNode(node)} splits into ${count} parts`);
  return onHostMany((dimension, indices, values, shape) => {
    const whole = sparseTensor(indices, values, shape);
    const axis = axisOf(integerOf(dimension), whole.shape.length);
    const length = whole.shape[axis] ?? 0;
    if (length < count) throw mismatch(`${count} parts of a dimension of ${length}`);
    const [least, longer] = [Math.floor(length / count), length % count];
    const parts = Array.from({ length: count }, (_, part) => {
      const start = part * least + Math.min(part, longer);
      return tensorsOf(
        sliceOf(whole, {
          start: whole.shape.map((__, at) => (at === axis ? start : 0)),
          size: whole.shape.with(axis, least + (part < longer ? 1 : 0)),
        }),
      );
    });
    return [0, 1, 2].flatMap((output) => parts.flatMap((part) => part[output] ?? []));
  });
};

/** The tensors one behind the other along an axis; the values come in row-major order. */
function concatenated(parts: readonly SparseTensor[], wanted: number): SparseTensor {
  const [first] = parts;
  if (first === undefined) throw mismatch("there is nothing to concatenate");
  const axis = axisOf(wanted, first.shape.length);
  let length = 0;
  const entries = parts.flatMap(({ rows, values, shape }) => {
    if (shape.length !== first.shape.length || shape.with(axis, 0).join() !== first.shape.with(axis, 0).join()) {
      throw mismatch(`${formatShape(first.shape)} and ${formatShape(shape)} are not one behind the other`);
    }
    const start = length;
    length += shape[axis] ?? 0;
    const elements = elementsOf(values);
    return rows.map((row, at) => ({ row: row.with(axis, (row[axis] ?? 0) + start), element: elements[at] }));
  });
  entries.sort((a, b) => compareRows(a.row, b.row));
  return {
    rows: entries.map(({ row }) => row),
    values: vectorOf(
      first.values.dtype,
      entries.map(({ element }) => element),
    ),
    shape: first.shape.with(axis, length),
  };
}

const concat: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  const axis = intAttribute(node, "concat_dim");
  const count = intAttribute(node, "N");
  return onHostMany((...inputs) => {
    const [values, shapes] = [inputs.slice(count, 2 * count), inputs.slice(2 * count)];
    const parts = inputs
      .slice(0, count)
      .map((indices, at) => sparseTensor(indices, member(values, at), member(shapes, at)));
    return tensorsOf(concatenated(parts, axis));
  });
};

function member(list: readonly Tensor[], at: number): Tensor {
  const found = list[at];
  if (found === undefined) throw mismatch("a sparse tensor is not whole");
  return found;
}

/** Operations that take sparse tensors apart and put them together. */
export const SPARSE_PARTS: KernelTable = { SparseConcat: concat, SparseSlice: slice, SparseSplit: split };
