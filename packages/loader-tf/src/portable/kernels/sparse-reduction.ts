import { boolAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { GraphNode } from "../graph/graph.js";
import { type KernelFactory, type KernelTable, onHost, onHostMany } from "../run/kernel.js";
import { type Arithmetic, arithmeticOf, blank, elementsOf, numbersOf } from "./host/elements.js";
import { axisOf, formatShape, integersOf, mismatch } from "./host/shapes.js";
import { compareRows, offsetIn, type SparseTensor, sparseTensor, tensorsOf, vectorOf } from "./host/sparse-index.js";

/** What becomes one value: its place among the axes that are kept, and where the values are. */
interface Group {
  readonly row: readonly number[];
  readonly members: number[];
}

/** The values that agree in all axes but the `reduced` ones, in row-major order. */
function groupsOf({ rows }: SparseTensor, isReduced: (axis: number) => boolean): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const [at, index] of rows.entries()) {
    const row = index.filter((_, axis) => !isReduced(axis));
    const key = row.join();
    const group = groups.get(key) ?? { row, members: [] };
    groups.set(key, group);
    group.members.push(at);
  }
  return [...groups.values()].sort((a, b) => compareRows(a.row, b.row));
}

type CombineOf = (arithmetic: Arithmetic) => (a: unknown, b: unknown) => unknown;

/** A sparse tensor with some axes less; those of length 1 that may stay are the dense result's form only. */
interface Reduced {
  readonly sparse: SparseTensor;
  readonly isReduced: (axis: number) => boolean;
  readonly shape: readonly number[];
}

function reducing(node: GraphNode, combineOf: CombineOf): (sparse: SparseTensor, axes: readonly number[]) => Reduced {
  const dtype = dtypeAmong(node, "T", DTYPES.numeric);
  const combine = combineOf(arithmeticOf(dtype));
  return (whole, axes) => {
    const rank = whole.shape.length;
    const reduced = new Set(axes.map((axis) => axisOf(axis, rank)));
    const isReduced = (axis: number): boolean => reduced.has(axis);
    const groups = groupsOf(whole, isReduced);
    const elements = elementsOf(whole.values);
    const values = groups.map(({ members }) => members.map((at) => elements[at]).reduce((a, b) => combine(a, b)));
    const shape = whole.shape.filter((_, axis) => !isReduced(axis));
    return {
      sparse: { rows: groups.map(({ row }) => row), values: vectorOf(dtype, values), shape },
      isReduced,
      shape: whole.shape.map((size, axis) => (isReduced(axis) ? 1 : size)),
    };
  };
}

function toDense(combineOf: CombineOf): KernelFactory {
  return (node) => {
    const reduce = reducing(node, combineOf);
    const keepsDims = boolAttribute(node, "keep_dims", false);
    return onHost((indices, values, shape, axes) => {
      const { sparse, shape: kept } = reduce(sparseTensor(indices, values, shape), integersOf(axes));
      const result = blank(values.dtype, sparse.shape);
      const [source, target] = [elementsOf(sparse.values), elementsOf(result)];
      for (const [at, to] of sparse.rows.map(offsetIn(sparse.shape)).entries()) target[to] = source[at];
      return keepsDims ? { ...result, shape: kept } : result;
    });
  };
}

function toSparse(combineOf: CombineOf): KernelFactory {
  return (node) => {
    const reduce = reducing(node, combineOf);
    const keepsDims = boolAttribute(node, "keep_dims", false);
    return onHostMany((indices, values, shape, axes) => {
      const { sparse, isReduced, shape: kept } = reduce(sparseTensor(indices, values, shape), integersOf(axes));
      if (!keepsDims) return tensorsOf(sparse);
      const rows = sparse.rows.map((row) => {
        const rest = row.values();
        return kept.map((_, axis) => (isReduced(axis) ? 0 : (rest.next().value ?? 0)));
      });
      return tensorsOf({ ...sparse, rows, shape: kept });
    });
  };
}

/** Softmax over the values that are there, along the last axis. */
const softmax: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", DTYPES.floating);
  return onHost((indices, values, shape) => {
    const sparse = sparseTensor(indices, values, shape);
    const last = sparse.shape.length - 1;
    if (last < 1) throw mismatch(`there are no rows in ${formatShape(sparse.shape)}`);
    const result = blank(dtype, values.shape);
    const [source, target] = [numbersOf(values), elementsOf(result)];
    for (const { members } of groupsOf(sparse, (axis) => axis === last)) {
      const most = members.reduce((largest, at) => Math.max(largest, source[at] ?? 0), Number.NEGATIVE_INFINITY);
      const powers = members.map((at) => Math.exp((source[at] ?? 0) - most));
      const sum = powers.reduce((a, b) => a + b, 0);
      for (const [place, at] of members.entries()) target[at] = (powers[place] ?? 0) / sum;
    }
    return result;
  });
};

/** Operations that make one value of many in sparse tensors. */
export const SPARSE_REDUCTION: KernelTable = {
  SparseReduceMax: toDense(({ larger }) => larger),
  SparseReduceMaxSparse: toSparse(({ larger }) => larger),
  SparseReduceSum: toDense(({ add }) => add),
  SparseReduceSumSparse: toSparse(({ add }) => add),
  SparseSoftmax: softmax,
};
