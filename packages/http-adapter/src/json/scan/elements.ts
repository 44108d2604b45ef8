import type { TensorData, TypedTensorData } from "@servable/core";
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

/** Elements for which storage is made at first: no body may ask for more than it has. */
export const FIRST_ROOM = 256;

/** Steps over a comma to the element after it; false at the end of the list, and after `limit`. */
export function stepsOn(cursor: Cursor, limit: number): boolean {
  const byte = cursor.next();
  if (byte === CLOSE_LIST) return false;
  if (byte !== COMMA) return notUnderstood();
  if (++cursor.at >= limit) return false;
  cursor.next();
  return true;
}

/** A copy with twice the room. */
export function grown<A extends TypedTensorData>(data: A): A {
  const larger = new (data.constructor as new (length: number) => A)(data.length * 2);
  // One and the same type, which the compiler does not see of a union.
  (larger as Uint8Array).set(data as Uint8Array);
  return larger;
}
