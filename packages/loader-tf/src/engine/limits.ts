import { LONGEST_TIMER_MS, ServingError } from "@servable/core";

/** Limits on calls; every engine has them. */
export interface LimitOptions {
  /** Calls per version that may wait for their turn; more fail at once. @defaultValue 1_024 */
  readonly maxQueuedCalls?: number;
  /**
   * How long a call may take from `predict` to the answer, in milliseconds; Infinity for no limit.
   * @defaultValue 60_000
   */
  readonly timeoutMs?: number;
}

/**
 * The limits that options mean.
 * @throws ServingError INVALID_ARGUMENT for one that is out of range
 */
export function resolveLimits({ maxQueuedCalls = 1_024, timeoutMs = 60_000 }: LimitOptions): Required<LimitOptions> {
  checkCount("maxQueuedCalls", maxQueuedCalls, 0);
  if (!(timeoutMs > 0 && (timeoutMs <= LONGEST_TIMER_MS || timeoutMs === Number.POSITIVE_INFINITY))) {
    const range = `Infinity, or more than 0 and at most ${LONGEST_TIMER_MS}`;
    throw new ServingError("INVALID_ARGUMENT", `timeoutMs must be ${range}, got ${timeoutMs}`);
  }
  return { maxQueuedCalls, timeoutMs };
}

/** @throws ServingError INVALID_ARGUMENT unless `value` is an integer of at least `least` */
export function checkCount(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new ServingError("INVALID_ARGUMENT", `${name} must be an integer from ${least} on, got ${value}`);
}
