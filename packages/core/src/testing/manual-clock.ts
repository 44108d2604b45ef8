import type { Clock } from "../clock.js";

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  /** Moves on by `ms`, calling what falls due in its order. */
  advance(ms: number): void;
  /** Callbacks that are scheduled and neither called nor prevented. */
  readonly scheduled: number;
}

/** Makes a {@link ManualClock} that starts at `startMs`. */
export function manualClock(startMs = 0): ManualClock {
  const due = new Set<{ readonly atMs: number; readonly callback: () => void }>();
  let nowMs = startMs;
  return {
    now: () => nowMs,
    schedule(callback, delayMs) {
      const entry = { atMs: nowMs + delayMs, callback };
      due.add(entry);
      return () => due.delete(entry);
    },
    advance(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        const next = [...due].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        due.delete(next);
        nowMs = Math.max(nowMs, next.atMs);
        next.callback();
      }
      nowMs = endMs;
    },
    get scheduled() {
      return due.size;
    },
  };
}
