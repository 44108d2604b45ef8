import { expect, it } from "vitest";
import { sameList } from "./same-list.js";
import type { AspiredVersions } from "./source.js";

const versions = (...all: AspiredVersions<unknown>["versions"]): AspiredVersions<unknown> => ({
  name: "m",
  versions: all,
});
const one = { version: 1, data: {} };
const two = { version: 2, data: {} };
const wrong = (text: string): AspiredVersions<unknown> => versions({ version: 1, error: new Error(text) });

it.each<[string, AspiredVersions<unknown>, AspiredVersions<unknown>, boolean]>([
  ["the same versions with other data", versions(one), versions({ version: 1, data: {} }), true],
  ["the same revisions", versions({ ...one, revision: "a" }), versions({ ...one, revision: "a" }), true],
  ["other revisions", versions({ ...one, revision: "a" }), versions({ ...one, revision: "b" }), false],
  ["no revision and an empty one", versions(one), versions({ ...one, revision: "" }), false],
  ["a revision that looks like none", versions(one), versions({ ...one, revision: "null" }), false],
  ["other versions", versions(one), versions(two), false],
  ["one version more", versions(one), versions(one, two), false],
  ["another order", versions(one, two), versions(two, one), false],
  ["equal errors", wrong("x"), wrong("x"), true],
  ["other errors", wrong("x"), wrong("y"), false],
  ["an error and data", versions(one), wrong("x"), false],
  ["no notes and empty ones", versions(one), { ...versions(one), notes: [], skipped: [] }, true],
  ["other notes", versions(one), { ...versions(one), notes: ["x"] }, false],
  [
    "other reasons",
    { ...versions(one), skipped: [{ entry: "x", reason: "a" }] },
    { ...versions(one), skipped: [{ entry: "x", reason: "b" }] },
    false,
  ],
  ["another name", versions(one), { ...versions(one), name: "n" }, false],
])("of %s", (_, a, b, expected) => {
  expect(sameList(a, b)).toBe(expected);
  expect(sameList(b, a)).toBe(expected);
  expect(sameList(a, a)).toBe(true);
});
