import { sizeOf } from "@servable/core";
import { boolAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHost, onHostMany } from "../run/kernel.js";
import { checkedLength } from "./host/allowance.js";
import { arithmeticOf, blank, elementsOf, tensorOfNumbers } from "./host/elements.js";
import { formatShape, integersOf, mismatch, stridesOf } from "./host/shapes.js";
import { indexRows, offsetIn, sparseTensor } from "./host/sparse-index.js";

const toDense: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  const isChecked = boolAttribute(node, "validate_indices", true);
  return onHost((indices, shape, values, fill) => {
    const size = integersOf(shape);
    const result = blank(values.dtype, size);
    const target = elementsOf(result);
    for (let at = 0; at < result.data.length; at++) target[at] = fill.data[0];
    const source = elementsOf(values);
    const step = values.shape.length === 0 ? 0 : 1;
    let last = -1;
    for (const [at, to] of indexRows(indices, size).map(offsetIn(size)).entries()) {
      if (isChecked && to <= last) throw mismatch("indices are not in order, or come twice");
      last = to;
      target[to] = source[at * step];
    }
    return result;
  });
};

/** The sizes with the one left open (-1) filled in. */
function inferredShape(wanted: readonly number[], size: number): readonly number[] {
  const known = sizeOf(wanted.filter((length) => length !== -1));
  const shape = wanted.map((length) => (length === -1 ? size / Math.max(known, 1) : length));
  // As a dense tensor it might be beyond all limits.
  if (sizeOf(shape) === size && shape.every((length) => Number.isSafeInteger(length) && length >= 0)) return shape;
  throw mismatch(`${size} elements cannot have the shape ${formatShape(wanted)}`);
}

const reshape: KernelFactory = () =>
  onHostMany((indices, shape, wanted) => {
    const from = integersOf(shape);
    const to = inferredShape(integersOf(wanted), sizeOf(from));
    const strides = stridesOf(to);
    checkedLength((indices.shape[0] ?? 0) * to.length);
    const rows = indexRows(indices, from)
      .map(offsetIn(from))
      .map((offset) => strides.map((stride, axis) => Math.floor(offset / stride) % (to[axis] ?? 1)));
    return [tensorOfNumbers("int64", [rows.length, to.length], rows.flat()), tensorOfNumbers("int64", [to.length], to)];
  });

const reorder: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  return onHostMany((indices, values, shape) => {
    const size = integersOf(shape);
    const rows = indexRows(indices, size);
    const order = rows
      .map(offsetIn(size))
      .map((offset, at) => ({ offset, at }))
      .sort((a, b) => a.offset - b.offset);
    const result = blank(values.dtype, values.shape);
    const [source, target] = [elementsOf(values), elementsOf(result)];
    for (const [to, { at }] of order.entries()) target[to] = source[at];
    return [
      tensorOfNumbers(
        "int64",
        indices.shape,
        order.flatMap(({ at }) => rows[at] ?? []),
      ),
      result,
    ];
  });
};

const timesDense: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", DTYPES.numeric);
  const turnedA = boolAttribute(node, "adjoint_a", false);
  const turnedB = boolAttribute(node, "adjoint_b", false);
  const { add, multiply } = arithmeticOf(dtype);
  return onHost((indices, values, shape, b) => {
    const size = integersOf(shape);
    const [rows = 0, inner = 0] = turnedA ? size.toReversed() : size;
    const [height = 0, width = 0] = b.shape;
    const [length, columns] = turnedB ? [width, height] : [height, width];
    if (size.length !== 2 || b.shape.length !== 2 || inner !== length) {
      throw mismatch(`matrices of shape ${formatShape(size)} and ${formatShape(b.shape)} cannot be multiplied`);
    }
    const result = blank(dtype, [rows, columns]);
    const [target, weights, dense] = [elementsOf(result), elementsOf(values), elementsOf(b)];
    for (const [at, index] of indexRows(indices, size).entries()) {
      offsetIn(size)(index);
      const [row = 0, middle = 0] = turnedA ? index.toReversed() : index;
      for (let column = 0; column < columns; column++) {
        const product = multiply(weights[at], dense[turnedB ? column * width + middle : middle * width + column]);
        target[row * columns + column] = add(target[row * columns + column], product);
      }
    }
    return result;
  });
};

/** Gives each row without a value the default in its first column; rows keep their order. */
const fillEmptyRows: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  return onHostMany((indices, values, shape, fallback) => {
    const sparse = sparseTensor(indices, values, shape);
    const [rows] = sparse.shape;
    if (rows === undefined) throw mismatch("a scalar has no rows to fill");
    const isEmpty = blank("bool", [rows]);
    const empty = elementsOf(isEmpty);
    // How many values each row has, then where its next one goes; typed, since nobody has checked the number of rows.
    const places = blank("float64", [rows]).data as Float64Array;
    for (const [row = 0] of sparse.rows) places[row] = (places[row] ?? 0) + 1;
    let total = 0;
    for (const [row, count] of places.entries()) {
      empty[row] = count === 0 ? 1 : 0;
      places[row] = total;
      total += Math.max(count, 1);
    }
    const rank = sparse.shape.length;
    const [found, filled] = [blank("int64", [total, rank]), blank(values.dtype, [total])];
    const [index, source, target] = [elementsOf(found), elementsOf(values), elementsOf(filled)];
    for (const [row, place] of places.entries()) {
      if (empty[row] === 0) continue;
      index[place * rank] = BigInt(row);
      target[place] = fallback.data[0];
    }
    const moved = sparse.rows.map((row, at) => {
      const [first = 0] = row;
      const place = places[first] ?? 0;
      places[first] = place + 1;
      for (const [axis, each] of row.entries()) index[place * rank + axis] = BigInt(each);
      target[place] = source[at];
      return place;
    });
    return [found, filled, isEmpty, tensorOfNumbers("int64", [moved.length], moved)];
  });
};

/** Operations on sparse tensors: index vectors, values and a shape. */
export const SPARSE: KernelTable = {
  SparseFillEmptyRows: fillEmptyRows,
  SparseReorder: reorder,
  SparseReshape: reshape,
  SparseTensorDenseMatMul: timesDense,
  SparseToDense: toDense,
};
