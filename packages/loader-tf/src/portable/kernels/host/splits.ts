import type { DType, Tensor } from "@servable/core";
import { integersOf, mismatch } from "./shapes.js";

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

/** The length of the longest row; 0 if there is none. */
export function widestRow(splits: readonly number[]): number {
  let widest = 0;
  for (let row = 1; row < splits.length; row++) widest = Math.max(widest, (splits[row] ?? 0) - (splits[row - 1] ?? 0));
  return widest;
}

/** How many rows splits cut. */
export function rowsOfSplits(splits: readonly number[]): number {
  return Math.max(splits.length - 1, 0);
}

/**
 * The splits of a ragged tensor, outermost first, each of which cuts the rows of the next one, the last one the first
 * dimension of the values.
 * @throws ServingError INVALID_ARGUMENT if they do not go together
 */
export function nestedSplits(splits: readonly Tensor[], values: Tensor): readonly (readonly number[])[] {
  const levels = splits.map(integersOf);
  const [length] = values.shape;
  if (length === undefined) throw mismatch("a ragged tensor cannot have a scalar for its values");
  return levels.map((level, at) => {
    const next = levels[at + 1];
    if (level.length === 0) throw mismatch("splits of a ragged tensor have at least one element");
    return checkedSplits(level, next === undefined ? length : rowsOfSplits(next));
  });
}
