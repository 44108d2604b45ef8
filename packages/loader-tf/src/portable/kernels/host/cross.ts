import type { Tensor } from "@servable/core";
import type { Combine, Feature } from "./cross-features.js";
import { checkedShape, formatShape, integersOf, mismatch } from "./shapes.js";

/** The categories of each example; those without any may be missing. */
export interface Column {
  readonly rows: number;
  readonly features: ReadonlyMap<number, readonly Feature[]>;
}

function featuresOf({ dtype, data }: Tensor): readonly Feature[] {
  if (!ArrayBuffer.isView(data)) return data;
  if (data instanceof BigInt64Array) return Array.from(data);
  throw mismatch(`categories are strings or int64, got ${dtype}`);
}

/** One row of features for each example. */
export function denseColumn(values: Tensor): Column {
  const [rows = 0, width = 0] = values.shape;
  if (values.shape.length !== 2) {
    throw mismatch(`categories have the shape [examples, n], got ${formatShape(values.shape)}`);
  }
  const all = featuresOf(values);
  const features = new Map<number, readonly Feature[]>();
  for (let at = 0; at < all.length; at += width) features.set(at / width, all.slice(at, at + width));
  return { rows, features };
}

/** The features of an example are those whose first index it is, in order. */
export function sparseColumn(indices: Tensor, values: Tensor, shape: Tensor): Column {
  const all = featuresOf(values);
  const flat = integersOf(indices);
  const [rows = 0, ...rest] = integersOf(shape);
  if (rest.length !== 1 || flat.length !== 2 * all.length) {
    throw mismatch(`indices ${formatShape(indices.shape)} of ${all.length} categories`);
  }
  const features = new Map<number, Feature[]>();
  for (const [at, feature] of all.entries()) {
    const row = flat[2 * at] ?? 0;
    if (row < 0 || row >= rows) throw mismatch(`row ${row} lies outside of [0, ${rows})`);
    const list = features.get(row) ?? [];
    features.set(row, list);
    list.push(feature);
  }
  return { rows, features };
}

/** The features of an example lie between two splits. */
export function raggedColumn(values: Tensor, splits: readonly number[]): Column {
  const all = featuresOf(values);
  const rows = splits.slice(1).map((end, row) => all.slice(splits[row], end));
  return { rows: rows.length, features: new Map(rows.entries()) };
}

/** What comes of all combinations of an example's features, one of each column; the last column goes fastest. */
export interface Crossed<T> {
  readonly rows: number;
  readonly found: ReadonlyMap<number, readonly T[]>;
}

/**
 * Crosses columns.
 * @throws ServingError INVALID_ARGUMENT if they are of different numbers of examples, RESOURCE_EXHAUSTED for too many
 *   combinations
 */
export function cross<T>(columns: readonly Column[], combine: Combine<T>): Crossed<T> {
  const [first] = columns;
  if (first === undefined) throw mismatch("there are no categories to cross");
  const other = columns.find(({ rows }) => rows !== first.rows);
  if (other !== undefined)
    throw mismatch(`categories of ${first.rows} and of ${other.rows} examples cannot be crossed`);
  const lists = [...first.features.keys()]
    .sort((a, b) => a - b)
    .map((row) => ({ row, features: columns.map(({ features }) => features.get(row) ?? []) }));
  checkedShape([lists.reduce((sum, { features }) => sum + countOf(features), 0)]);
  return { rows: first.rows, found: new Map(lists.map(({ row, features }) => [row, combinations(features, combine)])) };
}

function countOf(features: readonly (readonly Feature[])[]): number {
  return features.reduce((product, { length }) => product * length, 1);
}

function combinations<T>(features: readonly (readonly Feature[])[], combine: Combine<T>): readonly T[] {
  return Array.from({ length: countOf(features) }, (_, at) => {
    let rest = at;
    const picked = features.toReversed().map((list) => {
      const feature = list[rest % list.length] ?? 0n;
      rest = Math.floor(rest / list.length);
      return feature;
    });
    return combine(picked.reverse());
  });
}
