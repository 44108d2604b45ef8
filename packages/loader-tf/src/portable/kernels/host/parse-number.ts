import type { DType } from "@servable/core";

const SPACES = /^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const HEXADECIMAL = /^([+-]?)0x([\da-f]*)\.?([\da-f]*)(?:p([+-]?\d+))?$/i;
const SPECIAL = /^([+-]?)(?:(inf|infinity)|nan(?:\(\w*\))?)$/i;
const INTEGER = /^[+-]?\d+$/;

function parseFloat64(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text);
  const special = SPECIAL.exec(text);
  if (special !== null) {
    const [, sign, infinite] = special;
    return infinite === undefined ? Number.NaN : sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = HEXADECIMAL.exec(text) ?? [];
  if (whole === "" && fraction === "") return undefined;
  const size = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === "-" ? -size : size;
}

const RANGES: Partial<Record<DType, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

function parseInteger(text: string, [least, greatest]: readonly [bigint, bigint]): bigint | undefined {
  if (!INTEGER.test(text) || (least === 0n && text.startsWith("-"))) return undefined;
  // More digits than any number of 64 bits has, zeros before it aside.
  if (text.replace(/^[+-]?0*/, "").length > 20) return undefined;
  const value = BigInt(text.replace("+", ""));
  return value >= least && value <= greatest ? value : undefined;
}

/**
 * The number that a text is, as TensorFlow reads it: blanks around it, signs, hexadecimal floats, inf and nan.
 * Integers of 64 bits are bigints; undefined for what is no number of the dtype.
 */
export function parseNumber(text: string, dtype: DType): number | bigint | undefined {
  const trimmed = text.replace(SPACES, "");
  const range = RANGES[dtype];
  if (range === undefined) return parseFloat64(trimmed);
  const value = parseInteger(trimmed, range);
  return value === undefined || dtype.endsWith("64") ? value : Number(value);
}
