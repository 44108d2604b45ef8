/** Time, as the manager takes it; a port so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `callback` once after `delayMs`; the function returned prevents it. */
  schedule(callback: () => void, delayMs: number): () => void;
}

/** The longest time that one timer of the runtime can wait, in milliseconds: nearly 25 days. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1;

/** The runtime's own clock, for delays of any length. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(callback, delayMs) {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (leftMs: number): void => {
      const next = leftMs > LONGEST_TIMER_MS ? () => wait(leftMs - LONGEST_TIMER_MS) : callback;
      timer = setTimeout(next, Math.min(leftMs, LONGEST_TIMER_MS));
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
};
