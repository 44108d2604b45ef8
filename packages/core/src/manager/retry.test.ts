import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolveRetry, retryDelayMs } from "./retry.js";

describe("resolveRetry", () => {
  it("fills in the defaults, also for an explicit undefined", () => {
    const options = JSON.parse("{}") as { attempts?: number };
    expect(resolveRetry({ ...options })).toEqual({ attempts: 5, delayMs: 1_000, maxDelayMs: 60_000, jitter: 0.2 });
  });
  it.each([{ attempts: -1 }, { delayMs: -1 }, { maxDelayMs: Number.NaN }, { jitter: 1.5 }])("refuses %o", (options) => {
    expect(() => resolveRetry(options)).toThrow(RangeError);
  });
});

describe("retryDelayMs", () => {
  it("doubles, up to the cap", () => {
    const retry = resolveRetry({ delayMs: 100, maxDelayMs: 1_000, jitter: 0 });
    expect([1, 2, 3, 4, 5, 2_000].map((attempt) => retryDelayMs(retry, attempt, 0.5))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
  });
  it("stays between the unjittered pause and the part that jitter leaves of it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, chance) => {
        const full = retryDelayMs(resolveRetry({ jitter: 0 }), attempt, chance);
        const delay = retryDelayMs(resolveRetry({ jitter: 0.2 }), attempt, chance);
        expect(delay).toBeLessThanOrEqual(full);
        expect(delay).toBeGreaterThanOrEqual(Math.floor(full * 0.8));
      }),
    );
  });
});
