import { firstPower, MOST_DIGITS, shortestDigits } from "./shortest-digits.js";
import { writeDouble } from "./write-double.js";

/** Bytes that a float32 takes at most: a sign, 21 digits, a point and a zero, with some to spare. */
export const FLOAT_BYTES = 28;

const LEAST_NORMAL = 2 ** -126;

const ZERO = 0x30;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const EXPONENT = 0x65;

/** Powers of the first digit that are written without an exponent, as JavaScript does. */
const LEAST_PLAIN = -6;
const MOST_PLAIN = 20;

/** Powers of ten that fit 32 bits. */
const TENS = Int32Array.from({ length: 10 }, (_, power) => 10 ** power);

/**
 * Writes a finite float32 as the shortest decimal that reads back as the same, with a point or an exponent so that
 * clients take it for a float. There must be room for {@link FLOAT_BYTES} at `at`; gives where the text ends.
 */
export function putFloat(bytes: Uint8Array, at: number, value: number): number {
  let end = at;
  if (value < 0 || (value === 0 && 1 / value < 0)) bytes[end++] = MINUS;
  const size = Math.abs(value);
  if (size < LEAST_NORMAL) return size === 0 ? putText(bytes, end, "0.0") : putText(bytes, end, slowly(size));
  let power = firstPower(size);
  let digits = shortestDigits(size, power) | 0;
  if (digits < 0) return putText(bytes, end, slowly(size));
  let count = MOST_DIGITS;
  if (digits === 1_000_000_000) {
    count++;
    power++;
  }
  for (let tenth = (digits / 10) | 0; Math.imul(tenth, 10) === digits; tenth = (digits / 10) | 0) {
    digits = tenth;
    count--;
  }
  if (power < LEAST_PLAIN || power > MOST_PLAIN) {
    end = putPoint(bytes, end, { digits, count, whole: 1 });
    bytes[end++] = EXPONENT;
    bytes[end++] = power < 0 ? MINUS : PLUS;
    const exponent = Math.abs(power);
    return putDigits(bytes, end + (exponent < 10 ? 1 : 2), exponent);
  }
  const whole = power + 1;
  if (whole <= 0) {
    bytes[end++] = ZERO;
    bytes[end++] = POINT;
    for (let zeros = -whole; zeros > 0; zeros--) bytes[end++] = ZERO;
    return putDigits(bytes, end + count, digits);
  }
  if (whole < count) return putPoint(bytes, end, { digits, count, whole });
  end = putDigits(bytes, end + count, digits);
  for (let zeros = whole - count; zeros > 0; zeros--) bytes[end++] = ZERO;
  bytes[end++] = POINT;
  bytes[end++] = ZERO;
  return end;
}

interface Split {
  readonly digits: number;
  readonly count: number;
  /** How many of them stand before the point. */
  readonly whole: number;
}

/** Writes digits with a point among them, unless it would be their end. */
function putPoint(bytes: Uint8Array, at: number, { digits, count, whole }: Split): number {
  if (whole === count) return putDigits(bytes, at + count, digits);
  const tens = TENS[count - whole] ?? 1;
  const left = (digits / tens) | 0;
  const end = at + count + 1;
  // Zeros first: those before the fraction's own digits stay.
  for (let zero = at + whole + 1; zero < end; zero++) bytes[zero] = ZERO;
  putDigits(bytes, end, (digits - Math.imul(left, tens)) | 0);
  bytes[at + whole] = POINT;
  putDigits(bytes, at + whole, left);
  return end;
}

/** Writes an integer so that it ends at `end`, which it gives. By pairs, since each depends on the one before. */
function putDigits(bytes: Uint8Array, end: number, digits: number): number {
  let at = end;
  let left = digits;
  while (left >= 10) {
    const hundredth = (left / 100) | 0;
    const pair = (left - Math.imul(hundredth, 100)) | 0;
    // A tenth, for what is below 100.
    const tens = Math.imul(pair, 205) >>> 11;
    bytes[--at] = ZERO + pair - Math.imul(tens, 10);
    bytes[--at] = ZERO + tens;
    left = hundredth;
  }
  // Where there was an even number of digits nothing is left.
  if (left > 0 || at === end) bytes[--at] = ZERO + left;
  return end;
}

/** For what is below the normal numbers, or too near to a middle: tries one digit more after the other. */
function slowly(size: number): string {
  for (let digits = 1; digits < MOST_DIGITS; digits++) {
    const text = size.toPrecision(digits);
    if (Math.fround(Number(text)) === size) return writeDouble(Number(text));
  }
  return writeDouble(Number(size.toPrecision(MOST_DIGITS)));
}

function putText(bytes: Uint8Array, at: number, text: string): number {
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index);
  return at + text.length;
}
