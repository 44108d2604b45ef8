import { ServingError } from "@servable/core";

/** How long a line may be unless an option says otherwise. */
export const MAX_LINE_BYTES: number = 2 ** 20;

/** @throws ServingError INVALID_ARGUMENT for what is no positive integer */
export function checkMaxLineBytes(maxLineBytes: number): void {
  if (Number.isSafeInteger(maxLineBytes) && maxLineBytes > 0) return;
  throw new ServingError("INVALID_ARGUMENT", `maxLineBytes must be a positive integer, got ${maxLineBytes}`);
}
