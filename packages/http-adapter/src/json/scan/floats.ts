import type { TensorData } from "@servable/core";
import { EXACT_POWERS } from "../powers-of-ten.js";
import { CLOSE_LIST, COMMA, type Cursor } from "./cursor.js";
import { type Elements, grown, stepsOn, trimmed } from "./elements.js";
import { readNumber } from "./read-number.js";

const SPACE = 0x20;
const MINUS = 0x2d;
const POINT = 0x2e;
const [ZERO, NINE] = [0x30, 0x39] as const;

/** Integers of so many digits are exact in a double. */
const EXACT_DIGITS = 15;
/** So many digits fit 32 bits. */
const MOST_WHOLE = 9;
/** Digits of the fraction are gathered in two groups, each of which fits 32 bits, by fours. */
const GROUP = 8;
const MOST_FRACTION = 22;

/** More than the error of five roundings and that of the exact result. */
const [BELOW, ABOVE] = [1 - 2 ** -50, 1 + 2 ** -50] as const;

const FOUR_ZEROS = 0x30_30_30_30;
const FOUR_SIXES = 0x06_06_06_06;
const UPPER_BITS = 0xf0_f0_f0_f0 | 0;

/**
 * Floating point numbers; half floats too, which are kept widened. The values are those of `Number`, rounded to the
 * storage's precision.
 *
 * Up to 15 digits are an exact integer, and so is a power of ten up to 10^22: their quotient is rounded once, as it must
 * be. With up to 17 digits it may be off by a few units, which a float32 does not show where the bounds of that error
 * round to the same. All else is read by `Number`.
 */
export class Floats implements Elements {
  #data: Float32Array | Float64Array;
  readonly #isSingle: boolean;
  length = 0;

  constructor(data: Float32Array | Float64Array) {
    this.#data = data;
    this.#isSingle = data instanceof Float32Array;
  }

  readOne(cursor: Cursor): void {
    const value = readNumber(cursor);
    if (this.length === this.#data.length) this.#data = grown(this.#data, cursor);
    this.#data[this.length++] = value;
  }

  readRun(cursor: Cursor, limit: number): void {
    while (!this.#readPlain(cursor, limit)) {
      this.readOne(cursor);
      if (!stepsOn(cursor, limit)) return;
    }
  }

  finish(): TensorData {
    return trimmed(this.#data, this.length);
  }

  /**
   * Reads numbers without exponents and blanks; whether the run ended with them. If not, the cursor stands at a number
   * of another kind. One loop without calls, and casts in place of checks: beyond the body's end there is undefined,
   * which compares to nothing.
   */
  #readPlain(cursor: Cursor, limit: number): boolean {
    const { bytes, view } = cursor;
    const data = this.#data;
    const isSingle = this.#isSingle;
    const lastFour = bytes.length - 4;
    let length = this.length;
    let start = cursor.at;
    let isEnd = false;
    while (length < data.length) {
      let at = start;
      let byte = bytes[at] as number;
      const isNegative = byte === MINUS;
      if (isNegative) byte = bytes[++at] as number;

      let whole = 0;
      const firstWhole = at;
      if (byte === ZERO) byte = bytes[++at] as number;
      else {
        const stop = at + MOST_WHOLE;
        while (byte >= ZERO && byte <= NINE && at < stop) {
          whole = (whole * 10 + (byte - ZERO)) | 0;
          byte = bytes[++at] as number;
        }
        if (at === firstWhole) break;
      }
      let digits = whole === 0 ? 0 : at - firstWhole;

      let value = whole;
      if (byte === POINT) {
        const first = ++at;
        byte = bytes[at] as number;
        if (whole === 0) while (byte === ZERO) byte = bytes[++at] as number;
        const firstDigit = at;
        let head = 0;
        let stop = at + GROUP;
        while (at < stop && at < lastFour) {
          // Anything but 0 to 9 has one of its upper bits set, at the latest when 6 is added.
          const four = view.getInt32(at, true) ^ FOUR_ZEROS;
          if (((four | ((four + FOUR_SIXES) | 0)) & UPPER_BITS) !== 0) break;
          const pairs = (Math.imul(four, 10) + (four >>> 8)) | 0;
          head = (head * 10_000 + (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff)) | 0;
          at += 4;
        }
        byte = bytes[at] as number;
        while (byte >= ZERO && byte <= NINE && at < stop) {
          head = (head * 10 + (byte - ZERO)) | 0;
          byte = bytes[++at] as number;
        }
        value = head;
        if (byte >= ZERO && byte <= NINE) {
          const firstTail = at;
          let tail = 0;
          stop = at + GROUP;
          while (at < stop && at < lastFour) {
            const four = view.getInt32(at, true) ^ FOUR_ZEROS;
            if (((four | ((four + FOUR_SIXES) | 0)) & UPPER_BITS) !== 0) break;
            const pairs = (Math.imul(four, 10) + (four >>> 8)) | 0;
            tail = (tail * 10_000 + (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff)) | 0;
            at += 4;
          }
          byte = bytes[at] as number;
          // One more: doubles have up to 17 digits.
          while (byte >= ZERO && byte <= NINE && at <= stop) {
            tail = (tail * 10 + (byte - ZERO)) | 0;
            byte = bytes[++at] as number;
          }
          value = head * (EXACT_POWERS[at - firstTail] as number) + tail;
        }
        const fraction = at - first;
        if (fraction === 0 || fraction > MOST_FRACTION) break;
        digits += at - firstDigit;
        const power = EXACT_POWERS[fraction] as number;
        if (whole > 0) value += whole * power;
        value /= power;
      }
      if (byte !== COMMA && byte !== CLOSE_LIST) break;
      if (digits > EXACT_DIGITS && !(isSingle && Math.fround(value * BELOW) === Math.fround(value * ABOVE))) break;
      data[length++] = isNegative ? -value : value;
      if (byte === CLOSE_LIST) {
        start = at;
        isEnd = true;
        break;
      }
      start = bytes[at + 1] === SPACE ? at + 2 : at + 1;
      if (start >= limit) {
        isEnd = true;
        break;
      }
    }
    this.length = length;
    cursor.at = start;
    return isEnd;
  }
}
