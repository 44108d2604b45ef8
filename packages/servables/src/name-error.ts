import { ServingError, type ServingErrorCode } from "@servable/core";

/** The same error with `place` before its message; what is no ServingError gets `code`. */
export function nameError(error: unknown, place: string, code: ServingErrorCode): ServingError {
  if (!ServingError.is(error)) return ServingError.from(error, code, place);
  return new ServingError(error.code, `${place}: ${error.message}`, { cause: error, retryable: error.retryable });
}
