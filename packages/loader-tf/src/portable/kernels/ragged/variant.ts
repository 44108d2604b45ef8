import type { DType, Tensor } from "@servable/core";
import { boolAttribute, intAttribute } from "../../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../../graph/dtypes.js";
import type { Device } from "../../run/device.js";
import type { KernelFactory, KernelTable } from "../../run/kernel.js";
import { type ListType, TensorList } from "../../run/tensor-list.js";
import { Value } from "../../run/value.js";
import { blank, tensorOfNumbers } from "../host/elements.js";
import { commonShape, joined, partsOf } from "../host/rows.js";
import { integersOf, mismatch } from "../host/shapes.js";
import { running } from "../tensor-list.js";

/** A ragged tensor: where the rows of each dimension end, from the outermost, and the values. */
interface Ragged {
  readonly splits: readonly (readonly number[])[];
  readonly values: Tensor;
}

/** A ragged tensor in one value, as loops over ragged tensors hand it about: a list of its parts. */
function variantOf({ splits, values }: Ragged, device: Device, dtype: DType): Value {
  const parts = [...splits.map((ends) => tensorOfNumbers(dtype, [ends.length], ends)), values];
  const elements = parts.map((part) => Value.ofHost(part, device));
  return Value.ofList(new TensorList(ANYTHING, elements), device);
}

const ANYTHING: ListType = { dtype: "variant", elementShape: undefined };

function raggedOf(variant: Value): Ragged {
  const parts = variant.list().elements.map((part) => part?.host());
  const values = parts.at(-1);
  if (values === undefined) throw mismatch("a ragged tensor without values");
  return { values, splits: parts.slice(0, -1).map((part) => (part === undefined ? [] : integersOf(part))) };
}

/** How many rows there are of the outermost dimension. */
function rowsIn({ splits: [outer], values }: Ragged): number {
  return outer === undefined ? (values.shape[0] ?? 0) : outer.length - 1;
}

/** Rows `start` to `end` of the outermost dimension. */
function rowsBetween({ splits, values }: Ragged, start: number, end: number): Ragged {
  const [outer, ...inner] = splits;
  if (outer === undefined) {
    const size = values.shape[0] ?? 0;
    const [, part] = partsOf(values, [start, end - start, size - end]);
    if (part === undefined) throw mismatch(`there are no rows ${start} to ${end}`);
    return { splits: [], values: part };
  }
  const [from = -1, to = -1] = [outer[start], outer[end]];
  const rest = rowsBetween({ splits: inner, values }, from, to);
  return { splits: [outer.slice(start, end + 1).map((at) => at - from), ...rest.splits], values: rest.values };
}

/** Checks that splits begin at 0, never go back, and end where what they split ends. */
function checked(ragged: Ragged): Ragged {
  for (const [depth, ends] of ragged.splits.entries()) {
    const size = rowsIn({ ...ragged, splits: ragged.splits.slice(depth + 1) });
    if (ends[0] !== 0 || ends.at(-1) !== size || ends.some((end, at) => end < (ends[at - 1] ?? 0))) {
      throw mismatch("the splits of a ragged tensor do not go together");
    }
  }
  return ragged;
}

const toVariant: KernelFactory = running((node) => {
  const isBatched = boolAttribute(node, "batched_input", false);
  const rank = intAttribute(node, "RAGGED_RANK");
  const dtype = dtypeAmong(node, { name: "Tsplits", fallback: "int64" }, ["int32", "int64"]);
  dtypeAmong(node, "Tvalues", DTYPES.any);
  return ({ device, input }) => {
    const splits = Array.from({ length: rank }, (_, at) => integersOf(input(at).host()));
    const ragged = checked({ splits, values: input(rank).host() });
    if (!isBatched) return [variantOf(ragged, device, dtype)];
    const [outer, ...inner] = splits;
    const rest = { splits: inner, values: ragged.values };
    const rows = Array.from({ length: rowsIn(ragged) }, (_, row) => {
      if (outer !== undefined) return rowsBetween(rest, outer[row] ?? 0, outer[row + 1] ?? 0);
      const { values } = rowsBetween(rest, row, row + 1);
      return { splits: [], values: { ...values, shape: values.shape.slice(1) } };
    });
    const elements = rows.map((row) => variantOf(row, device, dtype));
    return [Value.ofList(new TensorList(ANYTHING, elements), device, [rows.length])];
  };
});

/** The rows of a ragged tensor one after another; `empty` where there are none. */
function stackedRows(rows: readonly Ragged[], rank: number, empty: Tensor): Ragged {
  const outer = [0];
  for (const row of rows) outer.push((outer.at(-1) ?? 0) + rowsIn(row));
  const splits = Array.from({ length: rank }, (_, depth) => {
    const ends = [0];
    for (const row of rows) {
      const base = ends.at(-1) ?? 0;
      for (const end of row.splits[depth]?.slice(1) ?? []) ends.push(base + end);
    }
    return ends;
  });
  const [first] = rows;
  if (first === undefined) return { splits: [outer, ...splits], values: empty };
  const shape = commonShape(rows.map(({ values }) => values.shape.slice(1))) ?? [];
  const size = rows.reduce((sum, { values }) => sum + (values.shape[0] ?? 0), 0);
  const values = joined(
    rows.map((row) => row.values),
    { dtype: first.values.dtype, shape: [size, ...shape] },
  );
  return { splits: [outer, ...splits], values };
}

const fromVariant: KernelFactory = running((node) => {
  const wanted = intAttribute(node, "output_ragged_rank");
  const dtype = dtypeAmong(node, { name: "Tsplits", fallback: "int64" }, ["int32", "int64"]);
  const valueType = dtypeAmong(node, "Tvalues", DTYPES.any);
  return ({ device, input }) => {
    const variants = input(0);
    const isVector = variants.shape.length === 1;
    if (isVector && wanted === 0) throw mismatch("several ragged tensors are wanted as one that is not ragged");
    const rows = (): Ragged[] => variants.list().elements.flatMap((row) => (row === undefined ? [] : [raggedOf(row)]));
    const ragged = isVector ? stackedRows(rows(), wanted - 1, blank(valueType, [0])) : raggedOf(variants);
    if (ragged.splits.length !== wanted || ragged.values.dtype !== valueType) {
      throw mismatch(
        `a ragged tensor of ${ragged.values.dtype} and rank ${ragged.splits.length} is not what is wanted`,
      );
    }
    const splits = ragged.splits.map((ends) => tensorOfNumbers(dtype, [ends.length], ends));
    return [...splits, ragged.values].map((tensor) => Value.ofHost(tensor, device));
  };
});

/** Operations that make one value of a ragged tensor, for loops over its rows. */
export const RAGGED_VARIANT: KernelTable = {
  RaggedTensorFromVariant: fromVariant,
  RaggedTensorToVariant: toVariant,
};
