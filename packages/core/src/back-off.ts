import { LONGEST_TIMER_MS } from "./clock.js";

/** Pauses that grow while nothing gets better. */
export interface BackOff {
  /** The first pause, in milliseconds; it doubles each time. */
  readonly delayMs: number;
  /** No pause is longer, nor longer than a timer can wait. */
  readonly maxDelayMs: number;
  /** How much of a pause is left to chance, from 0 to 1, so that many do not act in step. */
  readonly jitter: number;
}

/** Pause number `attempt` (from 1); `chance` is a random number from 0 to 1. */
export function backOffMs(backOff: BackOff, attempt: number, chance: number): number {
  const full = Math.min(LONGEST_TIMER_MS, backOff.maxDelayMs, backOff.delayMs * 2 ** Math.min(attempt - 1, 52));
  return Math.round(full * (1 - backOff.jitter * chance));
}
