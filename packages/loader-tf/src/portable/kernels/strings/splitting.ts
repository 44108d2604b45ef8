import type { Tensor } from "@servable/core";
import { boolAttribute, intAttribute, intsAttribute, textAttribute } from "../../graph/attributes.js";
import { dtypeAmong } from "../../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHostMany } from "../../run/kernel.js";
import { bytesOf, indexOfBytes, isSpace, joinBytes, stringOf, stringsOf, stringTensor } from "../host/bytes.js";
import { integersOf } from "../host/shapes.js";
import { checkedSplits, splitsOfLengths, splitsTensor } from "../host/splits.js";

/** Rows of unlike length as a sparse matrix: indices, values, shape. */
function sparseRows(rows: readonly (readonly Uint8Array[])[]): readonly Tensor[] {
  const values = rows.flat();
  const indices = new BigInt64Array(values.length * 2);
  let at = 0;
  let widest = 0;
  for (const [row, { length }] of rows.entries()) {
    widest = Math.max(widest, length);
    for (let column = 0; column < length; column++) {
      indices[at++] = BigInt(row);
      indices[at++] = BigInt(column);
    }
  }
  return [
    { dtype: "int64", shape: [values.length, 2], data: indices },
    stringTensor([values.length], values),
    { dtype: "int64", shape: [2], data: BigInt64Array.of(BigInt(rows.length), BigInt(widest)) },
  ];
}

function pieces(value: Uint8Array, isSeparator: (byte: number) => boolean): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let start = 0;
  for (let at = 0; at < value.length; at++) {
    if (!isSeparator(value[at] ?? 0)) continue;
    parts.push(value.subarray(start, at));
    start = at + 1;
  }
  parts.push(value.subarray(start));
  return parts;
}

/** Every byte of the delimiter separates; without one every byte is a part of its own. */
const split: KernelFactory = (node) => {
  const skipEmpty = boolAttribute(node, "skip_empty", true);
  return onHostMany((input, delimiter) => {
    const separators = new Set(stringOf(delimiter));
    const partsOf = (value: Uint8Array): Uint8Array[] => {
      if (value.length === 0) return [];
      if (separators.size === 0) return Array.from(value, (_, at) => value.subarray(at, at + 1));
      const parts = pieces(value, (byte) => separators.has(byte));
      return skipEmpty ? parts.filter(({ length }) => length > 0) : parts;
    };
    return sparseRows(stringsOf(input).map(partsOf));
  });
};

/** Runs of white space separate; what is left after `limit` parts is the last one, as it is. */
function words(value: Uint8Array, limit: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let at = 0;
  const pass = (space: boolean): number => {
    while (at < value.length && isSpace(value[at] ?? 0) === space) at++;
    return at;
  };
  for (let start = pass(true); start < value.length; start = pass(true)) {
    if (parts.length === limit) break;
    parts.push(value.subarray(start, pass(false)));
  }
  return parts.length === limit ? [...parts, value.subarray(at)] : parts;
}

interface Separation {
  readonly separator: Uint8Array;
  readonly limit: number;
}

function partsBetween(value: Uint8Array, { separator, limit }: Separation): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let start = 0;
  for (let end = 0; parts.length < limit; start = end + separator.length) {
    end = indexOfBytes(value, separator, start);
    if (end < 0) break;
    parts.push(value.subarray(start, end));
  }
  return [...parts, value.subarray(start)];
}

const splitV2: KernelFactory = (node) => {
  const maxsplit = intAttribute(node, "maxsplit", -1);
  const limit = maxsplit > 0 ? maxsplit : Number.POSITIVE_INFINITY;
  return onHostMany((input, sep) => {
    const separator = stringOf(sep);
    const partsOf = (value: Uint8Array): readonly Uint8Array[] => {
      if (maxsplit === 0) return [value];
      return separator.length === 0 ? words(value, limit) : partsBetween(value, { separator, limit });
    };
    return sparseRows(stringsOf(input).map(partsOf));
  });
};

interface Padding {
  readonly left: Uint8Array;
  readonly right: Uint8Array;
  /** Blanks on either side; -1 for as many as an n-gram can reach over the edge. */
  readonly width: number;
}

interface Ngrams {
  readonly separator: Uint8Array;
  readonly widths: readonly number[];
  readonly padding: Padding;
  /** Whether a row too short for every width gives one n-gram of all it has. */
  readonly preserveShort: boolean;
}

function ngramsOf(row: readonly Uint8Array[], { separator, widths, padding, preserveShort }: Ngrams): Uint8Array[] {
  const { left, right, width: wanted } = padding;
  const grams: Uint8Array[] = [];
  for (const width of widths) {
    const blanks = wanted < 0 ? width - 1 : Math.min(wanted, width - 1);
    const padded = [...repeat(left, blanks), ...row, ...repeat(right, blanks)];
    for (let start = 0; start + width <= padded.length; start++) {
      grams.push(joinBytes(padded.slice(start, start + width), separator));
    }
  }
  if (grams.length > 0 || !preserveShort || row.length === 0) return grams;
  // No width fits, so that no padding is as wide as a limit that is set.
  const blanks = Math.max(wanted, 0);
  return [joinBytes([...repeat(left, blanks), ...row, ...repeat(right, blanks)], separator)];
}

function repeat(value: Uint8Array, times: number): Uint8Array[] {
  return Array.from({ length: times }, () => value);
}

const ngrams: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, { name: "Tsplits", fallback: "int64" }, ["int32", "int64"]);
  const text = (name: string): Uint8Array => bytesOf(textAttribute(node, name, ""));
  const request: Ngrams = {
    separator: text("separator"),
    widths: intsAttribute(node, "ngram_widths"),
    padding: { left: text("left_pad"), right: text("right_pad"), width: intAttribute(node, "pad_width") },
    preserveShort: boolAttribute(node, "preserve_short_sequences", false),
  };
  return onHostMany((data, dataSplits) => {
    const values = stringsOf(data);
    const splits = checkedSplits(integersOf(dataSplits), values.length);
    const rows = splits.slice(1).map((end, row) => ngramsOf(values.slice(splits[row], end), request));
    const grams = rows.flat();
    const ends = splits.length === 0 ? [] : splitsOfLengths(rows.map(({ length }) => length));
    return [stringTensor([grams.length], grams), splitsTensor(ends, dtype)];
  });
};

/** Operations that make many strings of one. */
export const SPLITTING: KernelTable = { StringNGrams: ngrams, StringSplit: split, StringSplitV2: splitV2 };
