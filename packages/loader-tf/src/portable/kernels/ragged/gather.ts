import { sizeOf, type Tensor } from "@servable/core";
import { DTYPES, dtypeAmong } from "../../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHostMany } from "../../run/kernel.js";
import { blank, elementsOf, isBig } from "../host/elements.js";
import { checkedShape, integersOf, mismatch } from "../host/shapes.js";
import { nestedSplits, splitsTensor } from "../host/splits.js";

/** From and up to where. */
type Range = readonly [from: number, to: number];

function lengthOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, [from, to]) => sum + to - from, 0);
}

/** The rows in the ranges, one behind the other, as splits of their own. */
function splitsOfRanges(splits: readonly number[], ranges: readonly Range[], dtype: Tensor["dtype"]): Tensor {
  const result = blank(dtype, [lengthOf(ranges) + 1]);
  const target = elementsOf(result);
  const big = isBig(dtype);
  let at = 1;
  let end = 0;
  for (const [from, to] of ranges) {
    for (let row = from; row < to; row++) {
      end += (splits[row + 1] ?? 0) - (splits[row] ?? 0);
      target[at++] = big ? BigInt(end) : end;
    }
  }
  return result;
}

function valuesOfRanges(values: Tensor, ranges: readonly Range[]): Tensor {
  const [, ...row] = values.shape;
  const step = sizeOf(row);
  const result = blank(values.dtype, [lengthOf(ranges), ...row]);
  const [source, target] = [elementsOf(values), elementsOf(result)];
  let at = 0;
  for (const [from, to] of ranges) for (let i = from * step; i < to * step; i++) target[at++] = source[i];
  return result;
}

/** Splits of the dimensions that the indices have before their last one: rows of one length. */
function splitsOfShape(shape: readonly number[], dtype: Tensor["dtype"]): readonly Tensor[] {
  return shape.slice(1).map((length, axis) => {
    const [count = 0] = checkedShape([sizeOf(shape.slice(0, axis + 1))]);
    return splitsTensor(
      Array.from({ length: count + 1 }, (_, row) => row * length),
      dtype,
    );
  });
}

/** Takes rows of the outermost dimension by index. */
const gather: KernelFactory = (node) => {
  dtypeAmong(node, "Tvalues", DTYPES.any);
  const dtype = dtypeAmong(node, { name: "Tsplits", fallback: "int64" }, ["int32", "int64"]);
  return onHostMany((...inputs) => {
    const [values, indices] = inputs.slice(-2);
    if (values === undefined || indices === undefined || inputs.length < 3) {
      throw mismatch("a ragged tensor lacks its splits");
    }
    const levels = nestedSplits(inputs.slice(0, -2), values);
    const rows = (levels[0]?.length ?? 1) - 1;
    let ranges = integersOf(indices).map((index): Range => {
      if (index < 0 || index >= rows) throw mismatch(`index ${index} lies outside of [0, ${rows})`);
      return [index, index + 1];
    });
    const found: Tensor[] = [];
    for (const splits of levels) {
      found.push(splitsOfRanges(splits, ranges, dtype));
      ranges = ranges.map(([from, to]) => [splits[from] ?? 0, splits[to] ?? 0]);
    }
    return [...splitsOfShape(indices.shape, dtype), ...found, valuesOfRanges(values, ranges)];
  });
};

/** Rows of ragged tensors, picked by index. */
export const RAGGED_GATHER: KernelTable = { RaggedGather: gather };
