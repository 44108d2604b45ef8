import { ServingError } from "@servable/core";

/** The error of a call that takes too long. */
export function timedOut(timeoutMs: number): ServingError {
  const wayOut = "send less at a time, or raise timeoutMs of savedModel()";
  return new ServingError("DEADLINE_EXCEEDED", `no answer within ${timeoutMs} ms; ${wayOut}`);
}
