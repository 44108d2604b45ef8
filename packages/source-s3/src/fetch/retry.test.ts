import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { StoreError } from "../store/object-store.js";
import { pauseMs, withTries } from "./retry.js";

const never = new AbortController().signal;
const tries = { attempts: 4, delayMs: 0 };
const passing = new StoreError("passing", "a fault");

describe("trying again", () => {
  it("goes on until it succeeds", async () => {
    const work = vi.fn().mockRejectedValueOnce(passing).mockRejectedValueOnce(passing).mockResolvedValue("done");
    expect(await withTries(work, { tries, signal: never })).toBe("done");
    expect(work).toHaveBeenCalledTimes(3);
  });

  it("ends with the last failure after so many tries", async () => {
    const work = vi.fn().mockRejectedValue(passing);
    await expect(withTries(work, { tries, signal: never })).rejects.toBe(passing);
    expect(work).toHaveBeenCalledTimes(4);
  });

  it.each(["missing", "no-bucket", "refused", "changed", "unchanged"] as const)(
    "makes no sense for %s",
    async (kind) => {
      const work = vi.fn().mockRejectedValue(new StoreError(kind, ""));
      await expect(withTries(work, { tries, signal: never })).rejects.toMatchObject({ kind });
      expect(work).toHaveBeenCalledTimes(1);
    },
  );

  it("ends at once when it is aborted, even in a pause", async () => {
    const aborting = new AbortController();
    const work = vi.fn().mockImplementation(async () => {
      queueMicrotask(() => setImmediate(() => aborting.abort(new Error("enough"))));
      throw passing;
    });
    const slow = { attempts: 5, delayMs: 1_000_000 };
    await expect(withTries(work, { tries: slow, signal: aborting.signal })).rejects.toThrow("enough");
    expect(work).toHaveBeenCalledTimes(1);
  });

  it("pauses at most 5 s, and at least half of what it would", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (delayMs, attempt, chance) => {
          const longest = pauseMs({ attempts: 1, delayMs }, attempt, 0);
          const ms = pauseMs({ attempts: 1, delayMs }, attempt, chance);
          expect(longest).toBeLessThanOrEqual(5_000);
          expect(ms).toBeGreaterThanOrEqual(longest / 2);
          expect(ms).toBeLessThanOrEqual(longest);
          expect(pauseMs({ attempts: 1, delayMs }, attempt + 1, 0)).toBeGreaterThanOrEqual(longest);
        },
      ),
    );
  });
});
