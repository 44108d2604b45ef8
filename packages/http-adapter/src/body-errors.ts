import { ServingError } from "@servable/core";

/** The error for a body that someone else has read: INTERNAL, since the app and not the client has to change. */
export function bodyWasRead(): ServingError {
  return new ServingError(
    "INTERNAL",
    "the request's body was read before it came here; mount this handler ahead of body parsers",
  );
}

/** The error for a body that ends before it is complete: the client is gone. */
export function bodyBroke(cause: unknown): ServingError {
  return new ServingError("CANCELLED", "the request ended before its body was complete", { cause });
}
