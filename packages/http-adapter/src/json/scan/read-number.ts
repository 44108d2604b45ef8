import { EXACT_POWERS } from "../powers-of-ten.js";
import { type Cursor, notUnderstood } from "./cursor.js";

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const [MINUS, PLUS, POINT, ZERO, NINE, LOWER_E] = [0x2d, 0x2b, 0x2e, 0x30, 0x39, 0x65];
/** Integers of so many digits are exact in a double. */
const EXACT_DIGITS = 15;
const MOST_POWER = EXACT_POWERS.length - 1;

const WORDS: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["Inf", Number.POSITIVE_INFINITY],
]);
const LONGEST_WORD = 8;

/** Reads any number as `Number` does, or a token for what is not finite. */
export function readNumber(cursor: Cursor): number {
  const isNegative = cursor.bytes[cursor.at] === MINUS;
  const start = cursor.at + Number(isNegative);
  if (!isLetter(cursor.bytes[start])) return readExact(cursor) ?? Number(takeNumber(cursor));
  let end = start;
  while (isLetter(cursor.bytes[end]) && end <= start + LONGEST_WORD) end++;
  const value = WORDS.get(String.fromCharCode(...cursor.bytes.subarray(start, end)));
  if (value === undefined) return notUnderstood();
  cursor.at = end;
  return isNegative ? -value : value;
}

/**
 * Reads a number whose digits are an exact integer, and whose power of ten is exact too: one multiplication or division
 * of the two is rounded as the number itself would be. Undefined, and the cursor stays, for any other.
 */
function readExact(cursor: Cursor): number | undefined {
  const { bytes } = cursor;
  let { at } = cursor;
  const isNegative = bytes[at] === MINUS;
  if (isNegative) at++;
  const first = at;
  let byte = bytes[at] ?? 0;
  let value = 0;
  let point = -1;
  for (; (byte >= ZERO && byte <= NINE) || (byte === POINT && point === -1); byte = bytes[++at] ?? 0) {
    if (byte === POINT) point = at;
    else value = value * 10 + (byte - ZERO);
  }
  const digits = at - first - (point === -1 ? 0 : 1);
  const isMisshapen =
    point === first || point === at - 1 || (bytes[first] === ZERO && point !== first + 1 && digits > 1);
  if (digits === 0 || digits > EXACT_DIGITS || isMisshapen) return undefined;
  let power = point === -1 ? 0 : point + 1 - at;
  if ((byte | 0x20) === LOWER_E) {
    byte = bytes[++at] ?? 0;
    const isDown = byte === MINUS;
    if (isDown || byte === PLUS) byte = bytes[++at] ?? 0;
    const start = at;
    let exponent = 0;
    // More digits make a power that is not exact, or begin with zeros.
    for (; byte >= ZERO && byte <= NINE && at < start + 3; byte = bytes[++at] ?? 0)
      exponent = exponent * 10 + (byte - ZERO);
    if (at === start) return undefined;
    power += isDown ? -exponent : exponent;
  }
  if (power < -MOST_POWER || power > MOST_POWER || (byte >= ZERO && byte <= NINE)) return undefined;
  cursor.at = at;
  const scale = EXACT_POWERS[Math.abs(power)] ?? 1;
  const size = power < 0 ? value / scale : value * scale;
  return isNegative ? -size : size;
}

/** The longest text that is taken apart here. */
const LONGEST_NUMBER = 4_096;

/** Steps over a number; its text. */
export function takeNumber(cursor: Cursor): string {
  const { bytes, at: start } = cursor;
  let end = start;
  while (isPartOfNumber(bytes[end] ?? 0)) end++;
  if (end - start > LONGEST_NUMBER) return notUnderstood();
  const text = String.fromCharCode(...bytes.subarray(start, end));
  if (!NUMBER.test(text)) return notUnderstood();
  cursor.at = end;
  return text;
}

function isLetter(byte = 0): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** Digits, the point, signs and the letter of exponents. */
function isPartOfNumber(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2e || byte === 0x2d || byte === 0x2b || (byte | 0x20) === 0x65;
}
