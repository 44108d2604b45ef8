import fc from "fast-check";
import { expect, it } from "vitest";
import type { VersionPhase } from "../version/version-state.js";
import type { VersionView } from "./aspired-version-policy.js";
import { availabilityPreserving } from "./availability-preserving.js";

const decide = availabilityPreserving();

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
  ["a new version is wanted", "1+new", "load 1"],
  ["several new versions are wanted: the highest first", "1+new 3+new 2+new", "load 3"],
  ["the next is loaded while one loads", "1+new 3+loading", "load 1"],
  ["the new version loads before the old goes", "1-available 2+new", "load 2"],
  ["the old stays while the new loads", "1-available 2+loading", undefined],
  ["the old stays while the new retries", "1-available 2+retrying", undefined],
  ["the old stays when the new has failed", "1-available 2+failed", undefined],
  ["the old goes when the new is available", "1-available 2+available", "unload 1"],
  ["the old goes before a further version is loaded", "1-available 2+available 3+new", "unload 1"],
  ["of two old ones the lower goes at once", "2-available 1-available 3+new", "unload 1"],
  ["nothing is wanted any more", "1-available", "unload 1"],
  ["nothing is wanted any more, lowest first", "2-available 1-available", "unload 1"],
  ["a replacement loads beside the same version", "1-available 1+new", "load 1"],
  ["the replaced life goes", "1-available 1+available", "unload 1"],
  ["what is going is left alone", "1-draining 2-unloading 3-cancelling", undefined],
])("%s", (_, text, expected) => {
  const all = views(text);
  const action = decide(all);
  const version = all.find(({ incarnation }) => incarnation === action?.incarnation)?.version;
  expect(action && `${action.type} ${version}`).toBe(expected);
});

it("never takes the last available version while one is wanted, and asks only for what can be done", () => {
  const phases: VersionPhase[] = ["new", "waiting", "loading", "retrying", "available", "draining", "failed"];
  const view = fc.record({ version: fc.nat(5), aspired: fc.boolean(), phase: fc.constantFrom(...phases) });
  fc.assert(
    fc.property(fc.array(view, { maxLength: 8 }), (drawn) => {
      const all = drawn.map((each, incarnation) => ({ ...each, incarnation }));
      const action = decide(all);
      const target = all.find(({ incarnation }) => incarnation === action?.incarnation);
      if (action?.type === "load") expect(target).toMatchObject({ phase: "new", aspired: true });
      if (action?.type !== "unload") return;
      expect(target).toMatchObject({ phase: "available", aspired: false });
      const left = all.filter((each) => each !== target && each.phase === "available");
      if (all.some(({ aspired }) => aspired)) expect(left.length).toBeGreaterThan(0);
    }),
  );
});
