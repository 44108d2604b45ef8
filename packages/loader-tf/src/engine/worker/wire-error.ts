import { ServingError } from "@servable/core";
import { SavedModelError } from "@servable/saved-model";
import type { WireError } from "./protocol.js";

/** What goes over the line of an error. */
export function toWire(error: unknown): WireError {
  if (ServingError.is(error)) return { code: error.code, message: error.message, retryable: error.retryable };
  if (error instanceof SavedModelError) return { code: error.code, message: error.message };
  return { code: "INTERNAL", message: error instanceof Error ? error.message : String(error) };
}

/** The error again, on the other side. */
export function fromWire({ code, message, retryable }: WireError): ServingError {
  return new ServingError(code, message, retryable === undefined ? {} : { retryable });
}
