import type { Tensor } from "@servable/core";
import { blank, elementsOf, tensorOfNumbers } from "./elements.js";
import { formatShape, integersOf, mismatch, stridesOf } from "./shapes.js";

/** Index vectors [n, rank] of a sparse tensor of `shape`; a vector or a scalar stands for one dimension. */
export function indexRows(indices: Tensor, shape: readonly number[]): number[][] {
  const flat = integersOf(indices);
  const rank = indices.shape.length < 2 ? 1 : (indices.shape[1] ?? 0);
  if (rank !== shape.length) throw mismatch(`indices ${formatShape(indices.shape)} for ${formatShape(shape)}`);
  const count = rank === 0 ? (indices.shape[0] ?? 0) : flat.length / rank;
  return Array.from({ length: count }, (_, at) => flat.slice(at * rank, (at + 1) * rank));
}

/**
 * Where an index lies in the elements of a dense tensor of `shape`.
 * @throws ServingError INVALID_ARGUMENT if it lies outside
 */
export function offsetIn(shape: readonly number[]): (row: readonly number[]) => number {
  const strides = stridesOf(shape);
  return (row) => {
    checkedIndex(row, shape);
    return row.reduce((sum, index, axis) => sum + index * (strides[axis] ?? 1), 0);
  };
}

function checkedIndex(row: readonly number[], shape: readonly number[]): void {
  if (row.every((index, axis) => index >= 0 && index < (shape[axis] ?? 0))) return;
  throw mismatch(`index ${formatShape(row)} lies outside of ${formatShape(shape)}`);
}

/** A sparse tensor: where its values lie in a tensor of `shape`. */
export interface SparseTensor {
  readonly rows: readonly (readonly number[])[];
  readonly values: Tensor;
  readonly shape: readonly number[];
}

/**
 * The sparse tensor that three tensors are.
 * @throws ServingError INVALID_ARGUMENT if there is not one value for each index, or an index lies outside of the shape
 */
export function sparseTensor(indices: Tensor, values: Tensor, shape: Tensor): SparseTensor {
  const size = integersOf(shape);
  const rows = indexRows(indices, size);
  if (rows.length !== values.data.length) throw mismatch(`${rows.length} indices for ${values.data.length} values`);
  for (const row of rows) checkedIndex(row, size);
  return { rows, values, shape: size };
}

/** Indices, values and shape. */
export function tensorsOf({ rows, values, shape }: SparseTensor): readonly [Tensor, Tensor, Tensor] {
  return [
    tensorOfNumbers("int64", [rows.length, shape.length], rows.flat()),
    values,
    tensorOfNumbers("int64", [shape.length], shape),
  ];
}

/** The first of two indices in row-major order is less. */
export function compareRows(one: readonly number[], other: readonly number[]): number {
  for (const [axis, index] of one.entries()) {
    const difference = index - (other[axis] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A vector of elements. */
export function vectorOf(dtype: Tensor["dtype"], elements: readonly unknown[]): Tensor {
  const result = blank(dtype, [elements.length]);
  const target = elementsOf(result);
  for (const [at, element] of elements.entries()) target[at] = element;
  return result;
}
