import { describe, expect, it } from "vitest";
import { disturbed, type FolderMemory, remember, withVerdict } from "./folder-memory.js";

const rules = { nowMs: 100_000, settleMs: 5_000, quietMs: 1_000 };
const restless = (revision: string, sinceMs: number): FolderMemory => ({
  revision,
  sinceMs,
  condition: { kind: "restless" },
});

describe("a folder is at rest", () => {
  it.each([
    ["seen first, changed long ago", undefined, 94_999, "at-rest"],
    ["seen first, changed just within the time to settle", undefined, 95_000, "restless"],
    ["seen first, changed now", undefined, 100_000, "restless"],
    ["seen first, changed in the future of another clock", undefined, 200_000, "restless"],
    ["the same as one look before", restless("a", 99_000), 100_000, "at-rest"],
    ["the same, with a time in the future", restless("a", 99_000), 200_000, "at-rest"],
    ["the same, but the look before was only just now", restless("a", 99_001), 100_000, "restless"],
    ["other than at the look before", restless("b", 90_000), 100_000, "restless"],
    ["other than at the look before, with the times of old", restless("b", 90_000), 50_000, "restless"],
  ] as const)("or not: %s", (_, previous, newestMs, kind) => {
    expect(remember(previous, { revision: "a", newestMs }, rules).condition).toEqual({ kind });
  });

  it("counts from the first sight, not from the last", () => {
    const sight = { revision: "a", newestMs: 100_000 };
    const first = remember(undefined, sight, rules);
    const second = remember(first, sight, { ...rules, nowMs: 100_600 });
    expect(second).toEqual(first);
    expect(remember(second, sight, { ...rules, nowMs: 101_000 }).condition.kind).toBe("at-rest");
  });

  it("does not wait for a clock that was set back to catch up", () => {
    const set = remember(restless("a", 100_000), { revision: "a", newestMs: 100_000 }, { ...rules, nowMs: 50_000 });
    expect(set).toEqual(restless("a", 50_000));
  });

  it("always, when no time to settle is asked for", () => {
    const sight = { revision: "a", newestMs: 500_000 };
    expect(remember(undefined, sight, { ...rules, settleMs: 0, quietMs: 0 }).condition.kind).toBe("at-rest");
  });
});

describe("a verdict", () => {
  const old = restless("a", 90_000);

  it.each([
    ["complete", undefined, { kind: "complete" }],
    ["incomplete", "x is missing", { kind: "incomplete", missing: "x is missing" }],
  ])("%s stands as long as the files do", (_, missing, condition) => {
    const judged = withVerdict(old, missing);
    expect(judged.condition).toEqual(condition);
    expect(remember(judged, { revision: "a", newestMs: 99_999 }, rules)).toBe(judged);
    expect(remember(judged, { revision: "b", newestMs: 99_999 }, rules)).toEqual(restless("b", 100_000));
  });

  it("is not given on a folder that changed meanwhile", () => {
    expect(disturbed({ revision: "b", newestMs: 0 }, 7)).toEqual(restless("b", 7));
  });
});
