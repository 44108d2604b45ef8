import { type Cursor, notUnderstood } from "./cursor.js";

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const MINUS = 0x2d;

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
  if (!isLetter(cursor.bytes[start])) return Number(takeNumber(cursor));
  let end = start;
  while (isLetter(cursor.bytes[end]) && end <= start + LONGEST_WORD) end++;
  const value = WORDS.get(String.fromCharCode(...cursor.bytes.subarray(start, end)));
  if (value === undefined) return notUnderstood();
  cursor.at = end;
  return isNegative ? -value : value;
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
