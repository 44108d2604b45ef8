import type { DType } from "@servable/core";
import { fromBase64 } from "./base64.js";
import { invalid, isBytes, type JsonValue } from "./json-value.js";

/** One element as it is kept in a tensor's storage. */
export type Element = number | bigint | Uint8Array;

/** Reads one JSON value; undefined for one that the dtype does not take. */
export type Read = (value: JsonValue) => Element | undefined;

const utf8 = new TextEncoder();

const READERS: Record<DType, Read | undefined> = {
  float16: readFloat,
  bfloat16: readFloat,
  float32: readFloat,
  float64: readFloat,
  int8: integerReader(-(2 ** 7), 2 ** 7 - 1),
  int16: integerReader(-(2 ** 15), 2 ** 15 - 1),
  int32: integerReader(-(2 ** 31), 2 ** 31 - 1),
  int64: longReader(-(2n ** 63n), 2n ** 63n - 1n),
  uint8: integerReader(0, 2 ** 8 - 1),
  uint16: integerReader(0, 2 ** 16 - 1),
  uint32: integerReader(0, 2 ** 32 - 1),
  uint64: longReader(0n, 2n ** 64n - 1n),
  bool: (value) => (typeof value === "boolean" ? Number(value) : undefined),
  string: readString,
  complex64: undefined,
  complex128: undefined,
};

/** How elements of `dtype` are read; undefined for one that has no form in JSON. */
export function readerOf(dtype: DType): Read | undefined {
  return READERS[dtype];
}

function readFloat(value: JsonValue): number | undefined {
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}

function integerReader(least: number, most: number): Read {
  return (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= least && value <= most ? value : undefined;
}

function longReader(least: bigint, most: bigint): Read {
  return (value) => {
    // A double beyond 2^53 was written with a fraction or an exponent: which integer it means is not sure.
    if (typeof value === "number" ? !Number.isSafeInteger(value) : typeof value !== "bigint") return undefined;
    const exact = BigInt(value as number | bigint);
    return exact >= least && exact <= most ? exact : undefined;
  };
}

function readString(value: JsonValue): Uint8Array | undefined {
  if (typeof value === "string") return utf8.encode(value);
  if (!isBytes(value)) return undefined;
  const bytes = fromBase64(value.b64);
  if (bytes === undefined) throw invalid(`"b64" holds what is no base64 of the standard alphabet`);
  return bytes;
}
