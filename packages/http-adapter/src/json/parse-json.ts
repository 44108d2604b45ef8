import type { JsonValue } from "./json-value.js";
import { TolerantParser } from "./tolerant-parser.js";

/**
 * Parses a JSON text.
 *
 * Beyond JSON it takes the tokens NaN, Infinity, -Infinity, Inf and -Inf, as TensorFlow Serving does. Only a text that
 * `JSON.parse` refuses goes through the slower parser of our own.
 * @throws ServingError INVALID_ARGUMENT with the position of what is wrong
 */
export function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    // Either a token that only we take, or a fault that the parser below can place.
    return new TolerantParser(text, { exact: false }).parse();
  }
}

/**
 * As {@link parseJson}, with integers beyond 2^53 as bigints.
 * @throws ServingError INVALID_ARGUMENT with the position of what is wrong
 */
export function parseJsonExactly(text: string): JsonValue {
  return new TolerantParser(text, { exact: true }).parse();
}

/**
 * As {@link parseJson}, with every integer that is written without fraction and exponent as a bigint.
 * @throws ServingError INVALID_ARGUMENT with the position of what is wrong
 */
export function parseJsonWithLongs(text: string): JsonValue {
  return new TolerantParser(text, { exact: true, longs: true }).parse();
}

/** Whether `text` may hold an integer that a double cannot: 16 digits in a row, wherever they stand. */
export function hasLongNumbers(text: string): boolean {
  return /\d{16}/.test(text);
}
