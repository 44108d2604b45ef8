import { decode } from "./utf8.js";

const ZERO = 0x30;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const LOWER_E = 0x65;

/** Powers of ten that a float64 holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** So many digits make an integer that a float64 holds exactly. */
const EXACT_DIGITS = 15;

/**
 * Reads the decimal number that fills the bytes from `from` up to, not including, `to`: sign, digits, point, exponent.
 * Gives what `Number(text)` gives, and NaN for anything else: Infinity, hexadecimal, spaces.
 *
 * Up to 15 digits and a power of ten up to 22 are exact in float64, so that one product or quotient of them is rounded
 * once and rightly (Clinger, "How to read floating point numbers accurately", 1990); the rest goes through `Number`.
 */
export function readDecimal(bytes: Uint8Array, from: number, to: number): number {
  const first = bytes[from];
  const isSigned = first === MINUS || first === PLUS;
  let at = isSigned ? from + 1 : from;
  let mantissa = 0;
  let digits = 0;
  let significant = 0;
  let point = -1;
  for (; at < to; at++) {
    const byte = bytes[at] ?? 0;
    const digit = byte - ZERO;
    if (digit >= 0 && digit <= 9) {
      digits++;
      if (significant > 0 || digit > 0) significant++;
      mantissa = mantissa * 10 + digit;
    } else if (byte === POINT && point === -1) point = digits;
    else break;
  }
  if (digits === 0) return Number.NaN;
  const exponent = at === to ? 0 : exponentFrom(bytes, at, to);
  if (Number.isNaN(exponent)) return Number.NaN;
  const power = exponent - (point === -1 ? 0 : digits - point);
  if (significant > EXACT_DIGITS || Math.abs(power) >= POWERS.length) {
    return Number(decode(bytes.subarray(from, to)));
  }
  const scale = POWERS[Math.abs(power)] ?? 1;
  const size = power < 0 ? mantissa / scale : mantissa * scale;
  return first === MINUS ? -size : size;
}

/** The exponent that fills the rest, NaN if what fills it is none. */
function exponentFrom(bytes: Uint8Array, from: number, to: number): number {
  // Setting this bit makes a lower case letter of E.
  if (((bytes[from] ?? 0) | 0x20) !== LOWER_E) return Number.NaN;
  const sign = bytes[from + 1];
  let at = sign === MINUS || sign === PLUS ? from + 2 : from + 1;
  if (at >= to) return Number.NaN;
  let exponent = 0;
  for (; at < to; at++) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    exponent = exponent * 10 + digit;
  }
  return sign === MINUS ? -exponent : exponent;
}
