import { ServingError } from "@servable/core";
import { OUTCOME, PASSING, STATUS, STATUS_NAME } from "./status-table.js";

/** An answer to a request, before any transport. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text, or the bytes of a text in UTF-8. */
  readonly body: string | Uint8Array;
  /** How it went, in TensorFlow Serving's words: `OK`, `NOT_FOUND` … */
  readonly outcome: string;
}

const JSON_HEADERS = { "content-type": "application/json" };

/** An answer whose body is JSON already. */
export function textAnswer(status: number, body: string | Uint8Array): Answer {
  return { status, headers: JSON_HEADERS, body, outcome: "OK" };
}

/** An answer of a small object, written for people to read. */
export function jsonAnswer(status: number, value: object): Answer {
  return textAnswer(status, JSON.stringify(value, undefined, 2));
}

/** An error in TensorFlow Serving's form: `{ "error": "…" }`. */
export function errorAnswer(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer {
  const body = JSON.stringify({ error: message });
  return { status, headers: { ...JSON_HEADERS, ...headers }, body, outcome: OUTCOME[status] ?? "UNKNOWN" };
}

/** The answer to what was thrown; whatever is no ServingError is a fault inside. */
export function failureAnswer(error: unknown): Answer {
  const { code, message, retryable } = ServingError.from(error, "INTERNAL");
  const headers = PASSING.has(code) && retryable ? { "retry-after": "1" } : {};
  return { ...errorAnswer(STATUS[code] ?? 500, message, headers), outcome: STATUS_NAME[code] ?? "UNKNOWN" };
}
