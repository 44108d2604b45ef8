import type { Tensor } from "@servable/core";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHost, onHostMany } from "../run/kernel.js";
import { truncateDivide } from "./elementwise.js";
import { type BinaryFunction, mapBinary } from "./host/arithmetic.js";
import { type Arithmetic, arithmeticOf, blank, elementsOf } from "./host/elements.js";
import { broadcastShapes, formatShape, mismatch, stridesOf } from "./host/shapes.js";
import { compareRows, offsetIn, type SparseTensor, sparseTensor, tensorsOf, vectorOf } from "./host/sparse-index.js";

type Combine = (a: unknown, b: unknown) => unknown;

/** An element of one of two sparse tensors, or of both. */
interface Pair {
  readonly row: readonly number[];
  readonly one?: unknown;
  readonly other?: unknown;
}

/** The elements of two sparse tensors in row-major order, which both should be in; what both have comes once. */
function pairs(a: SparseTensor, b: SparseTensor): readonly Pair[] {
  if (a.shape.join() !== b.shape.join()) {
    throw mismatch(`sparse tensors of shape ${formatShape(a.shape)} and ${formatShape(b.shape)} do not go together`);
  }
  const [ones, others] = [elementsOf(a.values), elementsOf(b.values)];
  const found: Pair[] = [];
  let [at, from] = [0, 0];
  while (at < a.rows.length || from < b.rows.length) {
    const [row, second] = [a.rows[at], b.rows[from]];
    const order = row === undefined ? 1 : second === undefined ? -1 : compareRows(row, second);
    found.push({
      row: (order <= 0 ? row : second) ?? [],
      ...(order <= 0 ? { one: ones[at++] } : {}),
      ...(order >= 0 ? { other: others[from++] } : {}),
    });
  }
  return found;
}

/** The elements of either tensor; of those of both, sums whose size is below a limit are left out. */
const add: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", DTYPES.numeric);
  const { add: sum, zero } = arithmeticOf(dtype);
  return onHostMany((aIndices, aValues, aShape, bIndices, bValues, bShape, limit) => {
    const a = sparseTensor(aIndices, aValues, aShape);
    const least = Number(limit.data[0]);
    const sums = pairs(a, sparseTensor(bIndices, bValues, bShape))
      .map(({ row, one, other }) => ({
        row,
        value: sum(one ?? zero, other ?? zero),
        isSum: one !== undefined && other !== undefined,
      }))
      .filter(({ value, isSum }) => !isSum || Math.abs(Number(value)) >= least);
    const values = sums.map(({ value }) => value);
    return tensorsOf({ rows: sums.map(({ row }) => row), values: vectorOf(dtype, values), shape: a.shape });
  });
};

function elementwise(combineOf: (arithmetic: Arithmetic) => Combine): KernelFactory {
  return (node) => {
    const dtype = dtypeAmong(node, "T", DTYPES.numeric);
    const arithmetic = arithmeticOf(dtype);
    const combine = combineOf(arithmetic);
    const { zero } = arithmetic;
    return onHostMany((aIndices, aValues, aShape, bIndices, bValues, bShape) => {
      const a = sparseTensor(aIndices, aValues, aShape);
      const all = pairs(a, sparseTensor(bIndices, bValues, bShape));
      const values = all.map(({ one = zero, other = zero }) => combine(one, other));
      const [indices, vector] = tensorsOf({
        rows: all.map(({ row }) => row),
        values: vectorOf(dtype, values),
        shape: a.shape,
      });
      return [indices, vector];
    });
  };
}

const SUM: BinaryFunction = { number: (a, b) => a + b, bigint: (a, b) => a + b };
const PRODUCT: BinaryFunction = { number: (a, b) => a * b, integer: Math.imul, bigint: (a, b) => a * b };
const QUOTIENT: BinaryFunction = { number: (a, b) => a / b, ...truncateDivide };

/** The values of a sparse tensor, each with the one of a dense tensor at its place; the dense one is stretched. */
function withDense(compute: BinaryFunction): KernelFactory {
  return (node) => {
    const dtype = dtypeAmong(node, "T", DTYPES.numeric);
    return onHost((indices, values, shape, dense) => {
      const sparse = sparseTensor(indices, values, shape);
      if (broadcastShapes(dense.shape, sparse.shape).join() !== sparse.shape.join()) {
        throw mismatch(`${formatShape(dense.shape)} cannot be stretched to ${formatShape(sparse.shape)}`);
      }
      const before = sparse.shape.length - dense.shape.length;
      const strides = stridesOf(dense.shape).map((stride, axis) => (dense.shape[axis] === 1 ? 0 : stride));
      const source = elementsOf(dense);
      const operands = sparse.rows.map(
        (row) => source[strides.reduce((sum, stride, axis) => sum + stride * (row[before + axis] ?? 0), 0)],
      );
      return mapBinary(values, vectorOf(dtype, operands), compute);
    });
  };
}

/** A dense tensor with the values of a sparse one added. */
const addToDense: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", DTYPES.numeric);
  const { add: sum } = arithmeticOf(dtype);
  return onHost((indices, values, shape, dense) => {
    const sparse = sparseTensor(indices, values, shape);
    if (sparse.shape.join() !== dense.shape.join()) {
      throw mismatch(`${formatShape(sparse.shape)} cannot be added to ${formatShape(dense.shape)}`);
    }
    const result: Tensor = { ...blank(dtype, dense.shape), data: dense.data.slice() };
    const [source, target] = [elementsOf(values), elementsOf(result)];
    for (const [at, to] of sparse.rows.map(offsetIn(sparse.shape)).entries()) target[to] = sum(target[to], source[at]);
    return result;
  });
};

/** Operations that compute with sparse tensors, element by element. */
export const SPARSE_ARITHMETIC: KernelTable = {
  SparseAdd: add,
  SparseDenseCwiseAdd: withDense(SUM),
  SparseDenseCwiseDiv: withDense(QUOTIENT),
  SparseDenseCwiseMul: withDense(PRODUCT),
  SparseSparseMaximum: elementwise(({ larger }) => larger),
  SparseSparseMinimum: elementwise(({ smaller }) => smaller),
  SparseTensorDenseAdd: addToDense,
};
