import { expect, it, vi } from "vitest";
import { LONGEST_TIMER_MS, systemClock } from "./clock.js";

it.each([LONGEST_TIMER_MS, 3 * LONGEST_TIMER_MS + 5, Number.POSITIVE_INFINITY])(
  "the runtime's clock waits for %d ms, and not a moment less, unless it is stopped",
  (delayMs) => {
    vi.useFakeTimers();
    try {
      let calls = 0;
      const stop = systemClock.schedule(() => calls++, delayMs);
      systemClock.schedule(() => calls++, delayMs);
      vi.advanceTimersByTime(Math.min(delayMs, 5 * LONGEST_TIMER_MS) - 1);
      expect(calls).toBe(0);
      stop();
      vi.advanceTimersByTime(1);
      expect([calls, vi.getTimerCount()]).toEqual(Number.isFinite(delayMs) ? [1, 0] : [0, 1]);
    } finally {
      vi.useRealTimers();
    }
  },
);
