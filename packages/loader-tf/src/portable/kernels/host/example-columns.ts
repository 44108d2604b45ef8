import { type DType, sizeOf, type Tensor } from "@servable/core";
import { decodeExample, type ExampleFeature, SavedModelError } from "@servable/saved-model";
import { blank, elementsOf, tensorOfNumbers } from "./elements.js";
import { formatShape, mismatch } from "./shapes.js";
import { splitsOfLengths, splitsTensor } from "./splits.js";

/** Element types of features. */
export type FeatureDType = "float32" | "int64" | "string";

/** What is wanted of one feature. */
export interface Column {
  readonly name: string;
  readonly dtype: FeatureDType;
}

/** A feature with as many values in each example. */
export interface DenseColumn extends Column {
  /** The shape in one example; a first size of -1 is that of the longest. */
  readonly shape: readonly number[];
}

/** Examples that are parsed together. */
export interface Examples {
  readonly rows: readonly ReadonlyMap<string, ExampleFeature>[];
  /** Whether there is one that is not in a batch. */
  readonly isSingle: boolean;
}

const DTYPES: Readonly<Record<ExampleFeature["kind"], FeatureDType>> = {
  bytes: "string",
  float: "float32",
  int64: "int64",
};

/**
 * Reads serialized examples.
 * @throws ServingError INVALID_ARGUMENT for bytes that are none
 */
export function examplesOf(serialized: readonly Uint8Array[], isSingle: boolean): Examples {
  const rows = serialized.map((bytes, row) => {
    try {
      return decodeExample(bytes);
    } catch (error) {
      if (error instanceof SavedModelError) throw mismatch(`example ${row}: ${error.message}`);
      throw error;
    }
  });
  return { rows, isSingle };
}

type Values = ExampleFeature["values"];

/** The values of a feature in each example; undefined where it is not there. */
function valuesOf({ rows }: Examples, { name, dtype }: Column): (Values | undefined)[] {
  return rows.map((row, at) => {
    const feature = row.get(name);
    if (feature === undefined || DTYPES[feature.kind] === dtype) return feature?.values;
    throw inFeature({ name, row: at }, `values are ${DTYPES[feature.kind]}, ${dtype} is wanted`);
  });
}

function inFeature({ name, row }: { readonly name: string; readonly row: number }, message: string): Error {
  return mismatch(`feature ${JSON.stringify(name)} of example ${row}: ${message}`);
}

/** One after another, in one tensor. */
function joined(dtype: FeatureDType, parts: readonly Values[]): Tensor {
  const result = blank(dtype, [parts.reduce((sum, { length }) => sum + length, 0)]);
  const target = elementsOf(result);
  let to = 0;
  for (const part of parts) for (const value of part) target[to++] = value;
  return result;
}

/**
 * A feature as a tensor. Where an example lacks it, it gets the values of `fallback`, if there are any; where sizes differ, the
 * only one of `fallback` fills up.
 * @throws ServingError INVALID_ARGUMENT that names the feature, if it is missing or has another number of values
 */
export function denseColumn(examples: Examples, column: DenseColumn, fallback: Tensor): Tensor {
  if (fallback.dtype !== column.dtype) {
    throw mismatch(`feature ${JSON.stringify(column.name)}: its default is ${fallback.dtype}, not ${column.dtype}`);
  }
  const values = valuesOf(examples, column);
  const { shape, elements } =
    column.shape[0] === -1 ? padded(values, column, fallback) : fixed(values, column, fallback);
  return { ...elements, shape: examples.isSingle ? shape : [examples.rows.length, ...shape] };
}

interface Dense {
  /** The shape in one example. */
  readonly shape: readonly number[];
  readonly elements: Tensor;
}

function fixed(values: readonly (Values | undefined)[], column: DenseColumn, fallback: Tensor): Dense {
  const { name, dtype, shape } = column;
  const size = sizeOf(shape);
  const usual = elementsOf(fallback) as Values;
  if (usual.length > 0 && usual.length !== size) {
    throw mismatch(`feature ${JSON.stringify(name)}: its default does not have shape ${formatShape(shape)}`);
  }
  const parts = values.map((found, row) => {
    if (found === undefined && usual.length === 0) throw inFeature({ name, row }, "it is missing and has no default");
    const part = found ?? usual;
    if (part.length === size) return part;
    throw inFeature({ name, row }, `${part.length} values do not have shape ${formatShape(shape)}`);
  });
  return { shape, elements: joined(dtype, parts) };
}

function padded(values: readonly (Values | undefined)[], { name, dtype, shape }: DenseColumn, fallback: Tensor): Dense {
  const rest = shape.slice(1);
  const stride = sizeOf(rest);
  const [filler, ...more] = elementsOf(fallback) as Values;
  if (more.length > 0) throw mismatch(`feature ${JSON.stringify(name)}: its default is to be one value`);
  let longest = 0;
  for (const [row, found] of values.entries()) {
    const length = found?.length ?? 0;
    if (length > 0 && length % stride !== 0)
      throw inFeature({ name, row }, `${length} values are not in steps of ${stride}`);
    longest = Math.max(longest, length);
  }
  const elements = blank(dtype, [values.length, longest]);
  const target = elementsOf(elements);
  for (const [row, found = []] of values.entries()) {
    let to = row * longest;
    for (const value of found) target[to++] = value;
    if (filler !== undefined) while (to < (row + 1) * longest) target[to++] = filler;
  }
  return { shape: [stride > 0 ? longest / stride : 0, ...rest], elements };
}

/** A feature as a sparse tensor: indices, values, shape. */
export function sparseColumn(examples: Examples, column: Column): readonly [Tensor, Tensor, Tensor] {
  const parts = valuesOf(examples, column).map((found) => found ?? []);
  const values = joined(column.dtype, parts);
  const { isSingle } = examples;
  const rank = isSingle ? 1 : 2;
  const indices = new BigInt64Array(values.data.length * rank);
  let to = 0;
  let longest = 0;
  for (const [row, { length }] of parts.entries()) {
    longest = Math.max(longest, length);
    for (let at = 0; at < length; at++) {
      if (!isSingle) indices[to++] = BigInt(row);
      indices[to++] = BigInt(at);
    }
  }
  const shape = tensorOfNumbers("int64", [rank], isSingle ? [longest] : [parts.length, longest]);
  return [{ dtype: "int64", shape: [values.data.length, rank], data: indices }, values, shape];
}

/** A feature as a ragged tensor: values and splits, of which a single example has none. */
export function raggedColumn(examples: Examples, column: Column, splits: DType): readonly [Tensor, Tensor] {
  const parts = valuesOf(examples, column).map((found) => found ?? []);
  const ends = examples.isSingle ? [] : splitsOfLengths(parts.map(({ length }) => length));
  return [joined(column.dtype, parts), splitsTensor(ends, splits)];
}
