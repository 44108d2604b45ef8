import fc from "fast-check";
import { expect, it } from "vitest";
import type { VersionPhase } from "../version/version-state.js";
import type { VersionView } from "./aspired-version-policy.js";
import { resourcePreserving } from "./resource-preserving.js";

const decide = resourcePreserving();

/** "1+available 2-new": version 1 aspired and available, version 2 not aspired and new; incarnations by position. */
const views = (text: string): VersionView[] =>
  text
    .split(" ")
    .filter((word) => word !== "")
    .map((word, index) => {
      const [, version, mark, phase] = /^(\d+)([+-])(.*)$/.exec(word) ?? [];
      return { incarnation: index, version: Number(version), aspired: mark === "+", phase: phase as VersionPhase };
    });

it.each([
  ["nothing is there", "", undefined],
  ["several new versions are wanted: the highest first", "1+new 3+new 2+new", "load 3"],
  ["the next is loaded while one loads", "1+new 3+loading", "load 1"],
  ["the old goes before the new is loaded", "1-available 2+new", "unload 1"],
  ["the new waits while the old drains", "1-draining 2+new", undefined],
  ["the new waits while the old is released", "1-unloading 2+new", undefined],
  ["the new waits while an unwanted load ends", "1-cancelling 2+new", undefined],
  ["a load that failed is in nobody's way", "1-failed 2+new", "load 2"],
  ["of several old ones the lowest goes first", "2-available 1-available 3+new", "unload 1"],
  ["a replaced life goes before its replacement is loaded", "1-available 1+new", "unload 1"],
  ["what is wanted and available stays", "1+available", undefined],
])("%s", (_, text, expected) => {
  const all = views(text);
  const action = decide(all);
  const version = all.find(({ incarnation }) => incarnation === action?.incarnation)?.version;
  expect(action && `${action.type} ${version}`).toBe(expected);
});

it("never loads while anything unwanted holds memory, and asks only for what can be done", () => {
  const phases: VersionPhase[] = [
    "new",
    "waiting",
    "loading",
    "retrying",
    "available",
    "draining",
    "unloading",
    "failed",
  ];
  const view = fc.record({ version: fc.nat(5), aspired: fc.boolean(), phase: fc.constantFrom(...phases) });
  fc.assert(
    fc.property(fc.array(view, { maxLength: 8 }), (drawn) => {
      const all = drawn.map((each, incarnation) => ({ ...each, incarnation }));
      const action = decide(all);
      const target = all.find(({ incarnation }) => incarnation === action?.incarnation);
      if (action?.type === "unload") expect(target).toMatchObject({ phase: "available", aspired: false });
      if (action?.type !== "load") return;
      expect(target).toMatchObject({ phase: "new", aspired: true });
      expect(all.filter((each) => !each.aspired && each.phase !== "failed")).toEqual([]);
    }),
  );
});
