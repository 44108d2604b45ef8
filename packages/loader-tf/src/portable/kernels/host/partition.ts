import { mismatch } from "./shapes.js";
import { checkedSplits, rowsOfSplits, widestRow } from "./splits.js";

/** How the elements of a dimension are cut into rows. */
export interface Partition {
  readonly rows: number;
  readonly length: number;
  /** Elements of the longest row. */
  readonly widest: number;
  /** The row of an element, and its place there. */
  readonly place: (at: number) => readonly [row: number, column: number];
}

/**
 * By where each row begins and where the last one ends. Takes no memory for elements, whose number nobody has checked.
 * @throws ServingError INVALID_ARGUMENT if they do not begin at 0, or go back
 */
export function partitionOfSplits(splits: readonly number[]): Partition {
  const [length] = splits.slice(-1);
  if (length === undefined) throw mismatch("splits of a ragged tensor have at least one element");
  checkedSplits(splits, length);
  const place = (at: number): readonly [number, number] => {
    const row = rowAt(splits, at);
    return [row, at - (splits[row] ?? 0)];
  };
  return { rows: rowsOfSplits(splits), length, widest: widestRow(splits), place };
}

/** The last row that begins at an element or before it, by halving. */
function rowAt(splits: readonly number[], at: number): number {
  let low = 0;
  let high = splits.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((splits[middle] ?? 0) <= at) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * By the row of each element.
 * @throws ServingError INVALID_ARGUMENT if they go down, or lie outside of the rows
 */
export function partitionOfRowIds(rowIds: readonly number[], rows: number): Partition {
  const columns = new Uint32Array(rowIds.length);
  let widest = 0;
  for (const [at, row] of rowIds.entries()) {
    if (row < 0 || row >= rows) throw mismatch(`row ${row} lies outside of [0, ${rows})`);
    if (row < (rowIds[at - 1] ?? 0)) throw mismatch("the rows of values are not sorted");
    const column = at > 0 && row === rowIds[at - 1] ? (columns[at - 1] ?? 0) + 1 : 0;
    columns[at] = column;
    widest = Math.max(widest, column + 1);
  }
  return { rows, length: rowIds.length, widest, place: (at) => [rowIds[at] ?? 0, columns[at] ?? 0] };
}
