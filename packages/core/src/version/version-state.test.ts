import { describe, expect, it } from "vitest";
import { ServingError } from "../errors.js";
import { isLeaving, publicStateOf, reduceVersion, type VersionEvent, type VersionState } from "./version-state.js";

const error = new ServingError("LOAD_FAILED", "no");
const states: Record<string, VersionState> = {
  new: { phase: "new" },
  waiting: { phase: "waiting", attempt: 2 },
  loading: { phase: "loading", attempt: 2 },
  cancelling: { phase: "cancelling", attempt: 2 },
  retrying: { phase: "retrying", attempt: 2, error },
  available: { phase: "available" },
  draining: { phase: "draining" },
  unloading: { phase: "unloading" },
  failed: { phase: "failed", error },
  ended: { phase: "ended" },
};
const events: Record<string, VersionEvent> = {
  "load-chosen": { type: "load-chosen" },
  "load-started": { type: "load-started" },
  "load-succeeded": { type: "load-succeeded" },
  "load-failed for now": { type: "load-failed", error, retry: true },
  "load-failed for good": { type: "load-failed", error, retry: false },
  "retry-due": { type: "retry-due" },
  "no-longer-wanted": { type: "no-longer-wanted" },
  "unload-chosen": { type: "unload-chosen" },
  drained: { type: "drained" },
  unloaded: { type: "unloaded" },
  "unloaded with an error": { type: "unloaded", error },
};
const transitions: Record<string, Record<string, VersionState>> = {
  new: { "load-chosen": { phase: "waiting", attempt: 1 }, "no-longer-wanted": { phase: "ended" } },
  waiting: { "load-started": { phase: "loading", attempt: 2 }, "no-longer-wanted": { phase: "ended" } },
  loading: {
    "load-succeeded": { phase: "available" },
    "load-failed for now": { phase: "retrying", attempt: 2, error },
    "load-failed for good": { phase: "failed", error },
    "no-longer-wanted": { phase: "cancelling", attempt: 2 },
  },
  cancelling: {
    "load-succeeded": { phase: "unloading" },
    "load-failed for now": { phase: "ended", error },
    "load-failed for good": { phase: "ended", error },
  },
  retrying: { "retry-due": { phase: "waiting", attempt: 3 }, "no-longer-wanted": { phase: "ended", error } },
  available: { "unload-chosen": { phase: "draining" } },
  draining: { drained: { phase: "unloading" } },
  unloading: { unloaded: { phase: "ended" }, "unloaded with an error": { phase: "ended", error } },
  failed: { "no-longer-wanted": { phase: "ended", error } },
  ended: {},
};

describe("reduceVersion", () => {
  const table = Object.entries(states).flatMap(([phase, state]) =>
    Object.entries(events).map(([name, event]) => ({ phase, name, state, event, next: transitions[phase]?.[name] })),
  );
  it.each(table)("$phase on $name", ({ state, event, next }) => {
    const reached = reduceVersion(state, event);
    if (next === undefined) expect(reached).toBe(state);
    else expect(reached).toEqual(next);
  });
});

describe("publicStateOf", () => {
  it.each([
    ["new", "START"],
    ["waiting", "START"],
    ["loading", "LOADING"],
    ["retrying", "LOADING"],
    ["cancelling", "LOADING"],
    ["available", "AVAILABLE"],
    ["draining", "UNLOADING"],
    ["unloading", "UNLOADING"],
    ["failed", "END"],
    ["ended", "END"],
  ] as const)("%s is %s", (phase, state) => expect(publicStateOf(phase)).toBe(state));
});

it("only versions on their way out are leaving", () => {
  const leaving = Object.values(states).filter(({ phase }) => isLeaving(phase));
  expect(leaving.map(({ phase }) => phase)).toEqual(["cancelling", "draining", "unloading", "ended"]);
});
