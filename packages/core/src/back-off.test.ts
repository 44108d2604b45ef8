import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backOffMs } from "./back-off.js";
import { LONGEST_TIMER_MS } from "./clock.js";

describe("backOffMs", () => {
  it("doubles, up to the cap", () => {
    const backOff = { delayMs: 100, maxDelayMs: 1_000, jitter: 0 };
    expect([1, 2, 3, 4, 5, 2_000].map((attempt) => backOffMs(backOff, attempt, 0.5))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
  });

  it("is never longer than a timer can wait", () => {
    const endless = { delayMs: 1, maxDelayMs: Number.POSITIVE_INFINITY, jitter: 0 };
    expect(backOffMs(endless, 10_000, 0)).toBe(LONGEST_TIMER_MS);
  });

  it("stays between the unjittered pause and the part that jitter leaves of it", () => {
    const backOff = { delayMs: 1_000, maxDelayMs: 60_000, jitter: 0.2 };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, chance) => {
        const full = backOffMs({ ...backOff, jitter: 0 }, attempt, chance);
        const delay = backOffMs(backOff, attempt, chance);
        expect(delay).toBeLessThanOrEqual(full);
        expect(delay).toBeGreaterThanOrEqual(Math.floor(full * 0.8));
      }),
    );
  });
});
