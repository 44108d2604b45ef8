import { ServingError } from "./errors.js";

/** Names one version of one model. */
export interface ServableId<N extends string = string> {
  readonly name: N;
  /** A non-negative safe integer. */
  readonly version: number;
}

/** `mnist/3`: how ids are written in messages and logs. */
export function formatId(id: ServableId): string {
  return `${id.name}/${id.version}`;
}

/**
 * Checks that `version` can number a servable.
 * @throws ServingError INVALID_ARGUMENT if it is negative, fractional or not a safe integer
 */
export function checkVersion(name: string, version: number): void {
  if (Number.isSafeInteger(version) && version >= 0) return;
  throw new ServingError(
    "INVALID_ARGUMENT",
    `${name}: ${version} is not a version; versions are integers from 0 to ${Number.MAX_SAFE_INTEGER}`,
  );
}
