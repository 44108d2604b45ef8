import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RunTime } from "./run-time.js";
import { evenShare, paddedSize, sizeLimit } from "./size-rule.js";

function learned(...runs: readonly (readonly [rows: number, ms: number])[]): RunTime {
  const time = new RunTime();
  for (const [rows, ms] of runs) time.learn(rows, ms);
  return time;
}

describe("what runs take", () => {
  it("finds the fixed part and the part per row", () => {
    const time = learned([1, 12], [8, 26], [4, 18], [2, 14]);
    expect(time.expect(16)).toBeCloseTo(42, 6);
    expect(time.rowsWithin(50.0001)).toBe(20);
    expect(time.rowsWithin(10.5)).toBe(0);
    expect(time.largest).toBe(8);
  });

  it("takes all for the rows' part while all runs were of one size", () => {
    const time = learned([4, 20], [4, 20]);
    expect(time.rowsWithin(40)).toBe(8);
  });

  it("takes rows for free where larger runs take no longer", () => {
    expect(learned([1, 10], [4, 9]).rowsWithin(20)).toBe(Number.POSITIVE_INFINITY);
    expect(learned([1, 10], [4, 9]).rowsWithin(5)).toBe(0);
  });

  it("forgets: after a change of speed it follows", () => {
    const time = learned(...Array.from({ length: 50 }, (_, index) => [1 + (index % 8), 1 + (index % 8)] as const));
    for (let index = 0; index < 60; index++) time.learn(1 + (index % 8), 10 * (1 + (index % 8)));
    expect(time.expect(10)).toBeGreaterThan(90);
  });

  it("never gives a number that is none", () => {
    const run = fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 1e5, noNaN: true }));
    fc.assert(
      fc.property(fc.array(run, { maxLength: 30 }), fc.double({ min: 0, max: 1e4, noNaN: true }), (runs, ms) => {
        const time = learned(...runs);
        expect(time.expect(5)).toBeGreaterThanOrEqual(0);
        expect(time.rowsWithin(ms)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("how many rows a run should have", () => {
  const rule = { maxBatchSize: 64, allowedBatchSizes: [], targetLatencyMs: 50 };
  const line = (rowMs: number, fixedMs: number): RunTime =>
    learned(...[1, 2, 4, 8, 16, 32].map((rows) => [rows, fixedMs + rowMs * rows] as const));

  it.each([
    ["one before anything is known", rule, learned(), 1],
    ["what meets the goal", rule, line(2, 10), 20],
    ["at most double of what was measured", rule, learned([1, 1]), 2],
    ["never more than maxBatchSize", rule, line(0.1, 1), 64],
    ["twice the time of one row where the goal cannot be met", rule, line(10, 90), 11],
    ["two rows at least, whatever one takes", rule, learned([3, 1_000]), 2],
    ["an allowed size", { ...rule, allowedBatchSizes: [4, 16, 64] }, line(2, 10), 16],
    [
      "less than the first allowed size where that takes too long",
      { ...rule, allowedBatchSizes: [32, 64] },
      line(2, 10),
      20,
    ],
    ["maxBatchSize without a goal", { ...rule, targetLatencyMs: undefined }, learned(), 64],
  ])("is %s", (_, given, known, limit) => {
    expect(sizeLimit(given, known)).toBe(limit);
  });

  it.each([
    [60, 3, 20],
    [61, 3, 21],
    [2, 3, 1],
    [60, 1, 60],
  ])("of a crowd of %i is, with %i runs free, %i", (waiting, free, share) => {
    expect(evenShare(waiting, free)).toBe(share);
  });

  it.each([
    [[], 3, 3],
    [[4, 8], 3, 4],
    [[4, 8], 8, 8],
    [[4, 8], 9, 9],
  ])("pads by %j a run of %i to %i", (allowedBatchSizes, rows, size) => {
    expect(paddedSize({ allowedBatchSizes }, rows)).toBe(size);
  });
});
