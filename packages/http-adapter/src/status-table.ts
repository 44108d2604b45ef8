import type { ServingErrorCode } from "@servable/core";

/** The HTTP status of each error, as TensorFlow Serving gives it for the like. */
export const STATUS: Readonly<Record<ServingErrorCode, number>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  NOT_FOUND: 404,
  NOT_AVAILABLE: 503,
  ALREADY_EXISTS: 409,
  LOAD_FAILED: 503,
  DATA_LOSS: 500,
  UNSUPPORTED: 501,
  RESOURCE_EXHAUSTED: 429,
  DEADLINE_EXCEEDED: 504,
  CANCELLED: 499,
  INTERNAL: 500,
};

/** The name that TensorFlow Serving's status messages have for each error: one of gRPC's. */
export const STATUS_NAME: Readonly<Record<ServingErrorCode, string>> = {
  INVALID_ARGUMENT: "INVALID_ARGUMENT",
  FAILED_PRECONDITION: "FAILED_PRECONDITION",
  NOT_FOUND: "NOT_FOUND",
  NOT_AVAILABLE: "UNAVAILABLE",
  ALREADY_EXISTS: "ALREADY_EXISTS",
  LOAD_FAILED: "UNAVAILABLE",
  DATA_LOSS: "DATA_LOSS",
  UNSUPPORTED: "UNIMPLEMENTED",
  RESOURCE_EXHAUSTED: "RESOURCE_EXHAUSTED",
  DEADLINE_EXCEEDED: "DEADLINE_EXCEEDED",
  CANCELLED: "CANCELLED",
  INTERNAL: "INTERNAL",
};

/** The errors that pass by themselves soon, so that a client is told when to come back. */
export const PASSING: ReadonlySet<ServingErrorCode> = new Set(["NOT_AVAILABLE", "RESOURCE_EXHAUSTED"]);

/** The names for what goes wrong before a model is asked. */
export const OUTCOME: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  405: "INVALID_ARGUMENT",
  413: "INVALID_ARGUMENT",
};
