import { sizeOf, type Tensor } from "@servable/core";
import { spendString } from "./allowance.js";
import { formatShape, mismatch } from "./shapes.js";

const utf8 = { encode: new TextEncoder(), decode: new TextDecoder(undefined, { ignoreBOM: true }) };

/** A string without a byte. */
export const EMPTY: Uint8Array = new Uint8Array(0);

/**
 * The elements of a tensor of strings.
 * @throws ServingError INVALID_ARGUMENT for a tensor of anything else
 */
export function stringsOf({ dtype, data }: Tensor): readonly Uint8Array[] {
  if (dtype === "string" && !ArrayBuffer.isView(data)) return data;
  throw mismatch(`strings are wanted, got ${dtype}`);
}

/**
 * The only element of a tensor of strings.
 * @throws ServingError INVALID_ARGUMENT if there is not exactly one
 */
export function stringOf(tensor: Tensor): Uint8Array {
  const [value, ...rest] = stringsOf(tensor);
  if (value !== undefined && rest.length === 0) return value;
  throw mismatch(`one string is wanted, got shape ${formatShape(tensor.shape)}`);
}

/** A tensor of strings. */
export function stringTensor(shape: readonly number[], data: readonly Uint8Array[]): Tensor {
  if (sizeOf(shape) !== data.length) throw mismatch(`${data.length} strings do not have shape ${formatShape(shape)}`);
  return { dtype: "string", shape, data };
}

/** Applies a function to each string. */
export function mapStrings(x: Tensor, compute: (value: Uint8Array) => Uint8Array): Tensor {
  return { dtype: "string", shape: x.shape, data: stringsOf(x).map(compute) };
}

/** Text as UTF-8. */
export function bytesOf(text: string): Uint8Array {
  return utf8.encode.encode(text);
}

/** UTF-8 as text; what is not UTF-8 becomes U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return utf8.decode.decode(bytes);
}

/** As many arguments as every platform takes. */
const CHUNK = 1_024;

/** A key for maps, in which each character is a byte. */
export function keyOf(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK) return String.fromCharCode(...bytes);
  let key = "";
  for (let at = 0; at < bytes.length; at += CHUNK) key += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return key;
}

/** The bytes of {@link keyOf}. */
export function bytesOfKey(key: string): Uint8Array {
  return Uint8Array.from({ length: key.length }, (_, at) => key.charCodeAt(at));
}

/** Whether two strings are the same bytes. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

/**
 * All parts in one string, `separator` between them.
 * @throws ServingError RESOURCE_EXHAUSTED if there is no room for it
 */
export function joinBytes(parts: readonly Uint8Array[], separator: Uint8Array = EMPTY): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const gaps = Math.max(parts.length - 1, 0) * separator.length;
  const size = parts.reduce((sum, { length }) => sum + length, gaps);
  spendString(size);
  const joined = new Uint8Array(size);
  let at = 0;
  for (const [index, part] of parts.entries()) {
    if (index > 0) {
      joined.set(separator, at);
      at += separator.length;
    }
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Where `wanted` begins in `bytes`, from `from` on; -1 if nowhere. */
export function indexOfBytes(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  const [first] = wanted;
  if (first === undefined) return from <= bytes.length ? from : -1;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let same = 1;
    while (same < wanted.length && bytes[at + same] === wanted[same]) same++;
    if (same === wanted.length) return at;
  }
  return -1;
}

/** Whether C's isspace holds for a byte: space, tab, line feed, vertical tab, form feed, carriage return. */
export function isSpace(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}
