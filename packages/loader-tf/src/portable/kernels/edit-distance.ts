import type { Tensor } from "@servable/core";
import { boolAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHost } from "../run/kernel.js";
import { keyOf, stringsOf } from "./host/bytes.js";
import { blank } from "./host/elements.js";
import { formatShape, integersOf, mismatch, stridesOf } from "./host/shapes.js";

/** Sequences by the number of their place in the result. */
type Sequences = ReadonlyMap<number, readonly unknown[]>;

/** The sequences along the last dimension of a sparse tensor; `shape` is that of the result. */
function sequencesOf(indices: Tensor, values: Tensor, shape: readonly number[]): Sequences {
  const elements: ArrayLike<unknown> = values.dtype === "string" ? stringsOf(values).map(keyOf) : values.data;
  const flat = integersOf(indices);
  const rank = shape.length + 1;
  if (flat.length !== elements.length * rank) {
    throw mismatch(`indices ${formatShape(indices.shape)} of ${elements.length} values with ${rank} dimensions`);
  }
  const strides = stridesOf(shape);
  const found = new Map<number, unknown[]>();
  for (let at = 0; at < elements.length; at++) {
    let place = 0;
    for (const [axis, size] of shape.entries()) {
      const index = flat[at * rank + axis] ?? 0;
      if (index < 0 || index >= size) throw mismatch(`index ${index} lies outside of [0, ${size})`);
      place += index * (strides[axis] ?? 1);
    }
    const sequence = found.get(place) ?? [];
    found.set(place, sequence);
    sequence.push(elements[at]);
  }
  return found;
}

/** The least number of insertions, deletions and replacements between two sequences (Levenshtein, 1966). */
function distance(one: readonly unknown[], other: readonly unknown[]): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (const [at, element] of one.entries()) {
    const next = [at + 1];
    for (const [column, wanted] of other.entries()) {
      const replaced = (row[column] ?? 0) + (element === wanted ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

const editDistance: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  const isNormalized = boolAttribute(node, "normalize", true);
  return onHost((indices, values, shape, truthIndices, truthValues, truthShape) => {
    const [size, truthSize] = [integersOf(shape), integersOf(truthShape)];
    if (size.length < 2 || size.length !== truthSize.length) {
      throw mismatch(`sequences of shape ${formatShape(size)} and ${formatShape(truthSize)} cannot be compared`);
    }
    const result = blank(
      "float32",
      size.slice(0, -1).map((length, axis) => Math.max(length, truthSize[axis] ?? 0)),
    );
    const target = result.data as Float32Array;
    const found = sequencesOf(indices, values, result.shape);
    const truths = sequencesOf(truthIndices, truthValues, result.shape);
    for (const place of new Set([...found.keys(), ...truths.keys()])) {
      const truth = truths.get(place) ?? [];
      const edits = distance(found.get(place) ?? [], truth);
      // What is nowhere in the truth is infinitely far from it.
      target[place] = isNormalized ? edits / truth.length : edits;
    }
    return result;
  });
};

/** How far sequences are from each other. */
export const EDIT_DISTANCE: KernelTable = { EditDistance: editDistance };
