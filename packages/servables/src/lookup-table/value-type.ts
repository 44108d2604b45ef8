import { ServingError, type TensorData } from "@servable/core";
import { readDecimal } from "../text/read-decimal.js";
import { encode } from "../text/utf8.js";

/** What the values of a table may be in a tensor. */
export type TableDType = "string" | "int64" | "float32";

/** What the values of a table are in JavaScript: text, a bigint, a number that float32 holds. */
export type TableValue<D extends TableDType = TableDType> = D extends "string"
  ? string
  : D extends "int64"
    ? bigint
    : number;

/** How values of one dtype are read and handed out. */
export interface ValueType<V> {
  readonly dtype: TableDType;
  /** The value that a text means, undefined if it means none. */
  parse(text: string): V | undefined;
  /** The value that the table keeps, undefined for what is none of this type. */
  accept(value: unknown): V | undefined;
  toData(values: readonly V[]): TensorData;
  sizeBytes(value: V): number;
}

const INT64_LIMIT = 2n ** 63n;

function int64(value: bigint): bigint | undefined {
  return value >= -INT64_LIMIT && value < INT64_LIMIT ? value : undefined;
}

/** Rounded once and for all, so that `get` and `predict` say the same. */
function float32(value: number): number | undefined {
  const rounded = Math.fround(value);
  return Number.isFinite(rounded) ? rounded : undefined;
}

const VALUE_TYPES: { readonly [D in TableDType]: ValueType<TableValue<D>> } = {
  string: {
    dtype: "string",
    parse: (text) => text,
    accept: (value) => (typeof value === "string" ? value : undefined),
    toData: (values) => values.map(encode),
    sizeBytes: (value) => value.length,
  },
  int64: {
    dtype: "int64",
    parse: (text) => (/^[+-]?\d{1,30}$/.test(text) ? int64(BigInt(text.replace("+", ""))) : undefined),
    accept: (value) => (typeof value === "bigint" ? int64(value) : undefined),
    toData: (values) => BigInt64Array.from(values),
    sizeBytes: () => 16,
  },
  float32: {
    dtype: "float32",
    parse(text) {
      const bytes = encode(text);
      return float32(readDecimal(bytes, 0, bytes.length));
    },
    accept: (value) => (typeof value === "number" ? float32(value) : undefined),
    toData: (values) => Float32Array.from(values),
    sizeBytes: () => 8,
  },
};

/**
 * The type of a table's values.
 * @throws ServingError INVALID_ARGUMENT for a dtype that tables do not have
 */
export function valueTypeOf<D extends TableDType>(dtype: D): ValueType<TableValue<D>> {
  if (Object.hasOwn(VALUE_TYPES, dtype)) return VALUE_TYPES[dtype];
  const there = Object.keys(VALUE_TYPES).join(", ");
  throw new ServingError("INVALID_ARGUMENT", `a table has no values of ${dtype}; value is one of ${there}`);
}
