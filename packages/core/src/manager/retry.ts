import { requireAtLeast } from "./require-at-least.js";

/** How failed loads are tried again: with growing, jittered pauses, during which no load slot is held. */
export interface RetryOptions {
  /** Attempts after the first; 0 for none. @defaultValue 5 */
  readonly attempts?: number;
  /** The pause after the first failure, in milliseconds; it doubles with each further one. @defaultValue 1_000 */
  readonly delayMs?: number;
  /** No pause is longer. @defaultValue 60_000 */
  readonly maxDelayMs?: number;
  /** How much of a pause is left to chance, from 0 to 1, so that models do not retry in step. @defaultValue 0.2 */
  readonly jitter?: number;
}

/** @throws RangeError for a value out of its range */
export function resolveRetry(options: RetryOptions = {}): Required<RetryOptions> {
  const { attempts = 5, delayMs = 1_000, maxDelayMs = 60_000, jitter = 0.2 } = options;
  requireAtLeast(0, { "retry.attempts": attempts, "retry.delayMs": delayMs, "retry.maxDelayMs": maxDelayMs });
  if (!(jitter >= 0 && jitter <= 1)) throw new RangeError(`retry.jitter must be from 0 to 1, got ${jitter}`);
  return { attempts, delayMs, maxDelayMs, jitter };
}
