import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { all, exactly, latest, missingVersions, type VersionPolicy } from "./version-policy.js";

const BIGGEST = Number.MAX_SAFE_INTEGER;

it.each<[string, VersionPolicy, number[], number[]]>([
  ["latest()", latest(), [3, 1, 2], [3]],
  ["latest(2)", latest(2), [10, 9, 100, 1], [100, 10]],
  ["latest(2) of one", latest(2), [4], [4]],
  ["latest(2) of one that is there twice", latest(2), [4, 4, 3], [4, 3]],
  ["latest() of none", latest(), [], []],
  ["latest() with version 0", latest(), [0], [0]],
  ["latest() with the biggest number", latest(), [1, BIGGEST], [BIGGEST]],
  ["all()", all(), [1, 3, 2, 3], [3, 2, 1]],
  ["all() of none", all(), [], []],
  ["exactly([2, 7])", exactly([2, 7]), [1, 2, 3], [2]],
  ["exactly([1, 3]) of all", exactly([1, 3]), [3, 2, 1, 3], [3, 1]],
  ["exactly([1, 1])", exactly([1, 1]), [1, 2], [1]],
  ["exactly([]), nothing", exactly([]), [1], []],
  ["exactly([9]), nothing that exists", exactly([9]), [1], []],
])("%s of its versions", (_, policy, existing, expected) => {
  expect(policy.select(existing)).toEqual(expected);
});

it.each([
  [latest(), "the latest version"],
  [latest(2), "the latest 2 versions"],
  [all(), "all versions"],
  [exactly([7, 10, 7]), "exactly version 10, 7"],
  [exactly([]), "no version"],
])("%# is described in words", (policy, expected) => {
  expect(policy.description).toBe(expected);
});

it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("latest(%d) cannot be meant", (count) => {
  expect(() => latest(count)).toThrow(RangeError);
});

it.each([-1, 1.5, Number.NaN, BIGGEST + 1])("exactly([%d]) cannot be meant", (version) => {
  expect(() => exactly([1, version])).toThrow(`exactly(): ${version} is not a version`);
});

describe("missingVersions", () => {
  it.each<[string, VersionPolicy, number[], string[]]>([
    ["what is asked for by number and is not there, once each", exactly([2, 7, 9, 7]), [1, 2], ["9", "7"]],
    ["everything asked for, of nothing", exactly([1, 2]), [], ["2", "1"]],
    ["nothing, where all is there", exactly([1]), [1, 2], []],
    ["nothing, of the latest", latest(3), [1], []],
    ["nothing, of all", all(), [], []],
  ])("lists %s", (_, policy, existing, expected) => {
    expect(missingVersions(policy, existing).map(({ entry }) => entry)).toEqual(expected);
  });

  it("says why", () => {
    expect(missingVersions(exactly([2, 7]), [2])).toEqual([
      { entry: "7", reason: "it does not exist, and exactly version 7, 2 should be loaded" },
    ]);
  });
});

it("whatever exists, a policy chooses of it, in descending order, once each, and changes nothing", () => {
  const versions = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 12 });
  const policy = fc.oneof(
    fc.integer({ min: 1, max: 9 }).map(latest),
    fc.constant(all()),
    versions.map((each) => exactly(each)),
  );
  fc.assert(
    fc.property(policy, versions, (each, existing) => {
      const before = [...existing];
      const chosen = each.select(existing);
      expect(existing).toEqual(before);
      expect(chosen).toEqual([...new Set(chosen)].sort((a, b) => b - a));
      expect(existing).toEqual(expect.arrayContaining([...chosen]));
      for (const missing of each.missing?.(existing) ?? []) expect(existing).not.toContain(missing);
    }),
  );
});
