import { ServingError, type ServingErrorCode } from "@servable/core";
import type { CApi, Pointer } from "./c-api.js";

/** What TensorFlow's status codes, by their numbers, are here; 0 is none. */
const CODES: readonly (ServingErrorCode | undefined)[] = [
  undefined,
  "CANCELLED",
  "INTERNAL",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "FAILED_PRECONDITION",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "NOT_AVAILABLE",
  "INVALID_ARGUMENT",
  "UNSUPPORTED",
  "INTERNAL",
  "NOT_AVAILABLE",
  "DATA_LOSS",
  "FAILED_PRECONDITION",
];

/** The error that TensorFlow's status code and message mean; undefined for success. */
export function errorOfStatus(code: number, message: string): ServingError | undefined {
  if (code === 0) return undefined;
  if (/Op type not registered/.test(message)) {
    const wayOut = "the model was made by a newer TensorFlow, or with operations of an extension; give that library";
    return new ServingError("UNSUPPORTED", `${message.trim()} (${wayOut})`);
  }
  return new ServingError(CODES[code] ?? "INTERNAL", message.trim() || `TensorFlow failed with status ${code}`);
}

/**
 * Calls what fills a status.
 * @throws ServingError with TensorFlow's message if it fails
 */
export function checked<T>(api: CApi, call: (status: Pointer) => T): T {
  const status = api.newStatus();
  try {
    const result = call(status);
    const error = errorOfStatus(api.code(status), api.message(status));
    if (error !== undefined) throw error;
    return result;
  } finally {
    api.deleteStatus(status);
  }
}
