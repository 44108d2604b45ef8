/** Time, as the manager takes it; a port so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `callback` once after `delayMs`; the function returned prevents it. */
  schedule(callback: () => void, delayMs: number): () => void;
}

/** The longest time a timer can wait, in milliseconds, nearly 25 days; a longer one fires at once. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1;

/** The runtime's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
