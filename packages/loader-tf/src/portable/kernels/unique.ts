import { sizeOf, type Tensor } from "@servable/core";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { GraphNode } from "../graph/graph.js";
import { type KernelFactory, type KernelTable, onHostMany } from "../run/kernel.js";
import { blank, elementsOf, tensorOfNumbers } from "./host/elements.js";
import { pickAxes } from "./host/pick.js";
import { axisOf, integersOf, mismatch } from "./host/shapes.js";
import { indexType } from "./sorting.js";
import { transposeTensor } from "./transpose.js";

/** An element as something that a Map tells apart. */
function keyOf(element: unknown): unknown {
  return element instanceof Uint8Array ? String.fromCharCode(...element) : element;
}

interface Found {
  /** Where each different key comes first. */
  readonly first: readonly number[];
  /** The number of each key among the different ones. */
  readonly numbers: readonly number[];
  readonly counts: readonly number[];
}

function different(keys: readonly unknown[]): Found {
  const known = new Map<unknown, number>();
  const first: number[] = [];
  const counts: number[] = [];
  const numbers = keys.map((key, at) => {
    const number = known.get(key) ?? known.size;
    if (number === known.size) {
      known.set(key, number);
      first.push(at);
    }
    counts[number] = (counts[number] ?? 0) + 1;
    return number;
  });
  return { first, numbers, counts };
}

/** The different slices along an axis, in the order in which they come first. */
function uniqueAlong(x: Tensor, axis: number): { values: Tensor; found: Found } {
  const order = [axis, ...x.shape.map((_, at) => at).filter((at) => at !== axis)];
  const rows = elementsOf(transposeTensor(x, order));
  const count = x.shape[axis] ?? 0;
  const length = count === 0 ? 0 : sizeOf(x.shape) / count;
  const keys = Array.from({ length: count }, (_, row) => {
    if (length === 1) return keyOf(rows[row]);
    return Array.from({ length }, (_, at) => String(keyOf(rows[row * length + at]))).join("\0");
  });
  const found = different(keys);
  return {
    values: pickAxes(
      x,
      x.shape.map((_, at) => (at === axis ? found.first : undefined)),
    ),
    found,
  };
}

function unique(hasAxis: boolean, hasCounts: boolean): KernelFactory {
  return (node: GraphNode) => {
    dtypeAmong(node, "T", DTYPES.any);
    const indices = indexType(node, "out_idx");
    return onHostMany((x, ...rest) => {
      const [axes] = rest;
      const [axis = 0] = hasAxis && axes !== undefined ? integersOf(axes) : [];
      if (x.shape.length !== 1 && (!hasAxis || axes?.data.length === 0))
        throw mismatch("only vectors have unique elements");
      const { values, found } = uniqueAlong(x, axisOf(axis, x.shape.length));
      const numbers = tensorOfNumbers(indices, [found.numbers.length], found.numbers);
      const counts = tensorOfNumbers(indices, [found.counts.length], found.counts);
      return hasCounts ? [values, numbers, counts] : [values, numbers];
    });
  };
}

/** The elements of one vector that another does not have, and where they lie. */
const listDifference: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  const indices = indexType(node, "out_idx");
  return onHostMany((x, y) => {
    const unwanted = new Set(Array.from(y.data as ArrayLike<unknown>, keyOf));
    const kept = Array.from(x.data as ArrayLike<unknown>, keyOf).flatMap((key, at) => (unwanted.has(key) ? [] : [at]));
    const values = blank(x.dtype, [kept.length]);
    const [source, target] = [elementsOf(x), elementsOf(values)];
    for (const [to, from] of kept.entries()) target[to] = source[from];
    return [values, tensorOfNumbers(indices, [kept.length], kept)];
  });
};

/** Operations that tell elements apart. */
export const UNIQUE: KernelTable = {
  ListDiff: listDifference,
  Unique: unique(false, false),
  UniqueV2: unique(true, false),
  UniqueWithCounts: unique(false, true),
  UniqueWithCountsV2: unique(true, true),
};
