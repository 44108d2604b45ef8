/** Time, as the manager takes it; a port so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `callback` once after `delayMs`; the function returned prevents it. */
  schedule(callback: () => void, delayMs: number): () => void;
}

/** The runtime's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
