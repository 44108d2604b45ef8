import type { DType, Tensor } from "@servable/core";
import { mismatch } from "./shapes.js";

/** Where each row of a ragged tensor begins in the values of all, and where the last one ends, as a tensor. */
export function splitsTensor(splits: readonly number[], dtype: DType): Tensor {
  const shape = [splits.length];
  return dtype === "int64"
    ? { dtype: "int64", shape, data: BigInt64Array.from(splits, BigInt) }
    : { dtype: "int32", shape, data: Int32Array.from(splits) };
}

/**
 * Splits that cut `length` values into rows. None at all are no rows.
 * @throws ServingError INVALID_ARGUMENT if they do not begin at 0, go back, or end elsewhere
 */
export function checkedSplits(splits: readonly number[], length: number): readonly number[] {
  const isOrdered = splits.every((end, row) => end >= (splits[row - 1] ?? 0));
  if (isOrdered && (splits.length === 0 || (splits[0] === 0 && splits.at(-1) === length))) return splits;
  throw mismatch(`splits [${splits.slice(0, 8).join(", ")}] do not cut ${length} values`);
}

/** Where rows of the given lengths begin, and where the last one ends. */
export function splitsOfLengths(lengths: readonly number[]): number[] {
  const splits = [0];
  for (const length of lengths) splits.push((splits.at(-1) ?? 0) + length);
  return splits;
}
