import { ServingError } from "@servable/core";

/** What a JSON text holds; integers beyond 2^53 are bigints where they were parsed exactly. */
export type JsonValue = null | boolean | number | bigint | string | readonly JsonValue[] | JsonObject;

/** An object of a JSON text. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Whether a value is an object, neither list nor null. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is a list; `Array.isArray` does not narrow readonly arrays. */
export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Whether a value is `{"b64": "…"}`, which stands for bytes. */
export function isBytes(value: JsonValue | undefined): value is { readonly b64: string } {
  return isObject(value) && typeof value["b64"] === "string" && Object.keys(value).length === 1;
}

/** A value in few words, for messages: lists and objects by kind, long text cut. */
export function shown(value: JsonValue | undefined): string {
  if (value === undefined) return "nothing";
  if (isList(value)) return `a list of ${value.length}`;
  if (isBytes(value)) return "a b64 object";
  if (isObject(value)) return "an object";
  if (typeof value !== "string") return String(value);
  return value.length > 40
    ? `the string ${JSON.stringify(value.slice(0, 40))}…`
    : `the string ${JSON.stringify(value)}`;
}

/** An INVALID_ARGUMENT error. */
export function invalid(message: string): ServingError {
  return new ServingError("INVALID_ARGUMENT", message);
}
