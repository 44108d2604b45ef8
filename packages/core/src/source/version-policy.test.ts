import { expect, it } from "vitest";
import { all, exactly, latest } from "./version-policy.js";

it.each([
  ["latest()", latest(), [3, 1, 2], [3]],
  ["latest(2)", latest(2), [10, 9, 100, 1], [100, 10]],
  ["latest(2) of one", latest(2), [4], [4]],
  ["latest() of none", latest(), [], []],
  ["all()", all(), [1, 3, 2, 3], [3, 2, 1]],
  ["exactly([2, 7])", exactly([2, 7]), [1, 2, 3], [2]],
  ["exactly([])", exactly([]), [1], []],
])("%s of its versions", (_, policy, existing, expected) => {
  expect(policy.select(existing)).toEqual(expected);
});

it("refuses what cannot be meant", () => {
  expect(() => latest(0)).toThrow(RangeError);
  expect(() => latest(1.5)).toThrow(RangeError);
  expect(() => exactly([-1])).toThrow("exactly(): -1 is not a version");
});
