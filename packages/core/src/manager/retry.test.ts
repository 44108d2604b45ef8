import { describe, expect, it } from "vitest";
import { resolveRetry } from "./retry.js";

describe("resolveRetry", () => {
  it("fills in the defaults, also for an explicit undefined", () => {
    const options = JSON.parse("{}") as { attempts?: number };
    expect(resolveRetry({ ...options })).toEqual({ attempts: 5, delayMs: 1_000, maxDelayMs: 60_000, jitter: 0.2 });
  });
  it.each([{ attempts: -1 }, { delayMs: -1 }, { maxDelayMs: Number.NaN }, { jitter: 1.5 }])("refuses %o", (options) => {
    expect(() => resolveRetry(options)).toThrow(RangeError);
  });
});
