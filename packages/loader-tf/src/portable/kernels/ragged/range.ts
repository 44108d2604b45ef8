import { type DType, ServingError, type Tensor } from "@servable/core";
import { dtypeAmong } from "../../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHostMany } from "../../run/kernel.js";
import { arithmeticOf, blank, elementsOf } from "../host/elements.js";
import { checkedShape, formatShape, mismatch } from "../host/shapes.js";
import { splitsOfLengths, splitsTensor } from "../host/splits.js";

/** How many steps of `delta` lead from `start` to before `limit`. */
function stepsBetween(start: bigint | number, limit: bigint | number, delta: bigint | number): number {
  if (Number(delta) === 0) throw mismatch("a range cannot go by steps of 0");
  if ([start, limit, delta].some((each) => Number.isNaN(Number(each))))
    throw mismatch("a range goes from number to number");
  if (delta > 0 ? limit <= start : limit >= start) return 0;
  if (typeof start === "bigint" && typeof limit === "bigint" && typeof delta === "bigint") {
    const [way, step] = delta > 0n ? [limit - start, delta] : [start - limit, -delta];
    return Number((way + step - 1n) / step);
  }
  return Math.ceil((Number(limit) - Number(start)) / Number(delta));
}

/** Where a scalar stands for all rows. */
function elementAt(x: Tensor, row: number): bigint | number {
  const element: unknown = x.data[x.shape.length === 0 ? 0 : row];
  return typeof element === "bigint" ? element : Number(element);
}

/** The number of rows that the vectors among the inputs agree on. */
function rowsOf(inputs: readonly Tensor[]): number {
  const vectors = inputs.filter(({ shape }) => shape.length > 0);
  const [first] = vectors;
  if (vectors.every(({ shape }) => shape.length === 1 && shape[0] === first?.shape[0])) return first?.shape[0] ?? 1;
  throw mismatch(`ranges of ${inputs.map(({ shape }) => formatShape(shape)).join(", ")} do not go together`);
}

/** One range of numbers for each row. */
const range: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, { name: "T", fallback: "int32" }, ["int32", "int64", "float32", "float64"]);
  const splitsType = dtypeAmong(node, { name: "Tsplits", fallback: "int64" }, ["int32", "int64"]);
  const add = adding(dtype);
  return onHostMany((starts, limits, deltas) => {
    const lengths = Array.from({ length: rowsOf([starts, limits, deltas]) }, (_, row) => {
      const length = stepsBetween(elementAt(starts, row), elementAt(limits, row), elementAt(deltas, row));
      if (Number.isFinite(length)) return length;
      throw new ServingError("RESOURCE_EXHAUSTED", "a range has no end");
    });
    const splits = splitsOfLengths(lengths);
    const result = blank(dtype, checkedShape(splits.slice(-1)));
    const target = elementsOf(result);
    let at = 0;
    for (const [row, length] of lengths.entries()) {
      let value: unknown = elementAt(starts, row);
      const delta = elementAt(deltas, row);
      for (let step = 0; step < length; step++) {
        target[at++] = value;
        value = add(value, delta);
      }
    }
    return [splitsTensor(splits, splitsType), result];
  });
};

/** Sums as the dtype rounds them, step by step, as TensorFlow makes them. */
function adding(dtype: DType): (a: unknown, b: unknown) => unknown {
  const { add } = arithmeticOf(dtype);
  return dtype === "float32" ? (a, b) => Math.fround(Number(add(a, b))) : add;
}

/** Ragged tensors of numbers that count up or down. */
export const RAGGED_RANGE: KernelTable = { RaggedRange: range };
