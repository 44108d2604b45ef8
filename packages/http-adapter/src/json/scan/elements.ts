import { sizeOf, type TensorData, type TensorSpec, type TypedTensorData } from "@servable/core";
import { CLOSE_LIST, COMMA, type Cursor, notUnderstood } from "./cursor.js";

/** Where the elements of one input are put, one after another, in storage that grows with them. */
export interface Elements {
  readonly length: number;
  /** Reads the element that stands at the cursor. */
  readOne(cursor: Cursor): void;
  /** Reads elements up to the bracket that ends their list, which is left, or to the first comma after `limit`. */
  readRun(cursor: Cursor, limit: number): void;
  /** All elements, in storage of their size. */
  finish(): TensorData;
}

/** Elements for which storage is made at first, where a signature does not tell. */
const FIRST_ROOM = 256;

/** Elements to make storage for at first: one row's, but no more than a body of so many bytes can have. */
export function firstRoom(shape: TensorSpec["shape"], bytes: number): number {
  const row = shape === undefined || shape.slice(1).some((size) => size < 1) ? FIRST_ROOM : sizeOf(shape.slice(1));
  return Math.max(1, Math.min(row, Math.ceil(bytes / 2)));
}

/** Steps over a comma to the element after it; false at the end of the list, and after `limit`. */
export function stepsOn(cursor: Cursor, limit: number): boolean {
  const byte = cursor.next();
  if (byte === CLOSE_LIST) return false;
  if (byte !== COMMA) return notUnderstood();
  if (++cursor.at >= limit) return false;
  cursor.next();
  return true;
}

/** From so many elements on their number is foreseen, so that a long list is copied once and not again and again. */
const FORESEEN_FROM = 16_384;

/** A copy with more room: twice as much, or what the rest of the body will take if it is like what was read. */
export function grown<A extends TypedTensorData>(data: A, { bytes, at }: Cursor): A {
  const { length } = data;
  // An element takes two bytes of a body at least; of storage that is never written to no page is made.
  const foreseen = Math.min(Math.ceil((length * 1.02 * bytes.length) / at), Math.ceil(bytes.length / 2));
  const room = length < FORESEEN_FROM ? length * 2 : Math.max(length * 1.25, foreseen);
  const larger = new (data.constructor as new (length: number) => A)(Math.ceil(room));
  // One and the same type, which the compiler does not see of a union.
  (larger as Uint8Array).set(data as Uint8Array);
  return larger;
}

/** From so many bytes on a copy would take longer than the little that it saves is worth. */
const LARGE_BYTES = 2 ** 20;

/** The first `length` elements: of much storage a view where hardly any is left over, else a copy of their size. */
export function trimmed<A extends TypedTensorData>(data: A, length: number): A {
  if (data.length === length) return data;
  const isNearlyFull = data.byteLength >= LARGE_BYTES && length >= 0.9 * data.length;
  return (isNearlyFull ? data.subarray(0, length) : data.slice(0, length)) as A;
}
