import { type DType, sizeOf, type Tensor } from "@servable/core";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHost } from "../run/kernel.js";
import { checkedLength } from "./host/allowance.js";
import { arithmeticOf, blank, elementsOf, isInteger, rangeOf } from "./host/elements.js";
import { formatShape, integerOf, integersOf, mismatch } from "./host/shapes.js";

const { numeric, floating } = DTYPES;

/** How the rows of a segment become one. */
interface SegmentOp {
  readonly combine: (dtype: DType) => (sum: unknown, row: unknown) => unknown;
  /** What a segment without rows holds. */
  readonly empty: (dtype: DType) => unknown;
  /** Applied to each sum of `count` rows. */
  readonly finish?: (sum: unknown, count: number) => unknown;
  readonly dtypes: readonly DType[];
}

const zero = (dtype: DType): unknown => arithmeticOf(dtype).zero;
const one = (dtype: DType): unknown => arithmeticOf(dtype).one;

/** The least and the greatest number of a dtype that is finite. */
function finiteRange(dtype: DType): readonly [unknown, unknown] {
  if (isInteger(dtype)) return rangeOf(dtype);
  const most = dtype === "float64" ? Number.MAX_VALUE : 3.4028234663852886e38;
  return [-most, most];
}

const SUM: SegmentOp = { combine: (dtype) => arithmeticOf(dtype).add, empty: zero, dtypes: numeric };
const MEAN: SegmentOp = {
  ...SUM,
  finish: (sum, count) => (typeof sum === "bigint" ? sum / BigInt(count) : Number(sum) / count),
};
const ROOT_MEAN: SegmentOp = { ...SUM, finish: (sum, count) => Number(sum) / Math.sqrt(count), dtypes: floating };
const PRODUCT: SegmentOp = { combine: (dtype) => arithmeticOf(dtype).multiply, empty: one, dtypes: numeric };
const MAX: SegmentOp = { combine: (dtype) => arithmeticOf(dtype).larger, empty: zero, dtypes: numeric };
const MIN: SegmentOp = { combine: (dtype) => arithmeticOf(dtype).smaller, empty: zero, dtypes: numeric };
const UNSORTED_MAX: SegmentOp = { ...MAX, empty: (dtype) => finiteRange(dtype)[0] };
const UNSORTED_MIN: SegmentOp = { ...MIN, empty: (dtype) => finiteRange(dtype)[1] };

interface Segments {
  /** The segment of each row; rows of negative segments are left out. */
  readonly ids: readonly number[];
  readonly count: number;
  /** Which row of the data each id is about; its own without. */
  readonly rows?: readonly number[];
}

/** The rows of `data`, by segment; a row is what lies behind the first `rank` dimensions. */
function combineRows(data: Tensor, rank: number, { segments, op }: { segments: Segments; op: SegmentOp }): Tensor {
  const row = data.shape.slice(rank);
  const length = sizeOf(row);
  const result = blank(data.dtype, [segments.count, ...row]);
  const [source, target] = [elementsOf(data), elementsOf(result)];
  const combine = op.combine(data.dtype);
  const counts = Array.from({ length: checkedLength(segments.count) }, () => 0);
  const available = sizeOf(data.shape.slice(0, rank));
  for (const [at, id] of segments.ids.entries()) {
    if (id < 0) continue;
    if (id >= segments.count) throw mismatch(`segment ${id} lies outside of [0, ${segments.count})`);
    const from = segments.rows?.[at] ?? at;
    if (from < 0 || from >= available) throw mismatch(`index ${from} lies outside of [0, ${available})`);
    const isFirst = counts[id] === 0;
    counts[id] = (counts[id] ?? 0) + 1;
    for (let step = 0; step < length; step++) {
      const value = source[from * length + step];
      target[id * length + step] = isFirst ? value : combine(target[id * length + step], value);
    }
  }
  const empty = op.empty(data.dtype);
  for (const [id, count] of counts.entries()) {
    for (let at = id * length; at < (id + 1) * length; at++) {
      if (count === 0) target[at] = empty;
      else if (op.finish !== undefined) target[at] = op.finish(target[at], count);
    }
  }
  return result;
}

function sortedIds(ids: Tensor): readonly number[] {
  const sorted = integersOf(ids);
  if (sorted.every((id, at) => id >= (sorted[at - 1] ?? 0))) return sorted;
  throw mismatch("segment ids are not sorted");
}

function sorted(op: SegmentOp): KernelFactory {
  return (node) => {
    dtypeAmong(node, "T", op.dtypes);
    return onHost((data, ids) => {
      const known = sortedIds(ids);
      if (known.length !== data.shape[0]) throw mismatch(`${known.length} segment ids for ${formatShape(data.shape)}`);
      return combineRows(data, 1, { segments: { ids: known, count: (known.at(-1) ?? -1) + 1 }, op });
    });
  };
}

function withCount(op: SegmentOp): KernelFactory {
  return (node) => {
    dtypeAmong(node, "T", op.dtypes);
    return onHost((data, ids, count) => {
      const rank = ids.shape.length;
      if (data.shape.slice(0, rank).join() !== ids.shape.join()) {
        throw mismatch(`segment ids ${formatShape(ids.shape)} for ${formatShape(data.shape)}`);
      }
      return combineRows(data, rank, { segments: { ids: integersOf(ids), count: integerOf(count) }, op });
    });
  };
}

/** Rows are picked by index before they are combined, as embeddings are. */
function picked(op: SegmentOp): KernelFactory {
  return (node) => {
    dtypeAmong(node, "T", floating);
    return onHost((data, indices, ids, ...rest) => {
      const known = sortedIds(ids);
      const [wanted] = rest;
      const count = wanted === undefined ? (known.at(-1) ?? -1) + 1 : integerOf(wanted);
      const rows = integersOf(indices);
      if (rows.length !== known.length) throw mismatch(`${known.length} segment ids for ${rows.length} indices`);
      return combineRows(data, 1, { segments: { ids: known, count, rows }, op: { ...op, empty: zero } });
    });
  };
}

/** Operations that make one row of the rows of each segment. */
export const SEGMENT: KernelTable = {
  SegmentMax: sorted(MAX),
  SegmentMean: sorted(MEAN),
  SegmentMin: sorted(MIN),
  SegmentProd: sorted(PRODUCT),
  SegmentSum: sorted(SUM),
  SparseSegmentMean: picked(MEAN),
  SparseSegmentMeanWithNumSegments: picked(MEAN),
  SparseSegmentSqrtN: picked(ROOT_MEAN),
  SparseSegmentSqrtNWithNumSegments: picked(ROOT_MEAN),
  SparseSegmentSum: picked(SUM),
  SparseSegmentSumWithNumSegments: picked(SUM),
  UnsortedSegmentMax: withCount(UNSORTED_MAX),
  UnsortedSegmentMin: withCount(UNSORTED_MIN),
  UnsortedSegmentProd: withCount(PRODUCT),
  UnsortedSegmentSum: withCount(SUM),
};
