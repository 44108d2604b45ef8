import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ServingError } from "../errors.js";
import {
  ENDED_REMEMBERED,
  emptyModel,
  forgetEnded,
  type ModelEvent,
  type ModelState,
  reduceModel,
  type VersionEntry,
} from "./model-state.js";
import { isLeaving, type VersionEvent } from "./version-state.js";

const list = (...versions: (number | [number, string])[]): ModelEvent => ({
  type: "aspired",
  versions: versions.map((each) =>
    typeof each === "number" ? { version: each, revision: undefined } : { version: each[0], revision: each[1] },
  ),
});
const happen = (incarnation: number, ...types: ("load-chosen" | "load-started" | "load-succeeded")[]): ModelEvent[] =>
  types.map((type) => ({ type: "version", incarnation, event: { type } }));
const available = (incarnation: number): ModelEvent[] =>
  happen(incarnation, "load-chosen", "load-started", "load-succeeded");
const next = (state: ModelState, event: ModelEvent): ModelState => forgetEnded(reduceModel(state, event));
const run = (...events: ModelEvent[]): ModelState => events.reduce(next, emptyModel);
const shown = (state: ModelState): string[] =>
  state.entries.map(
    ({ version, revision, aspired, state: { phase } }) =>
      `${version}${revision ?? ""} ${phase}${aspired ? "" : " unwanted"}`,
  );

describe("a new list", () => {
  it("changes nothing when it is the same", () => {
    const state = run(list(1, 2), ...available(1));
    expect(next(state, list(2, 1))).toBe(state);
  });

  it("ends what has not been loaded, cancels what is loading, and leaves what is available to the policy", () => {
    const state = run(list(1, 2, 3), ...available(1), ...happen(2, "load-chosen", "load-started"), list());
    expect(shown(state)).toEqual(["1 available unwanted", "2 cancelling unwanted", "3 ended unwanted"]);
  });

  it("takes an available version back that had been left out", () => {
    expect(shown(run(list(1), ...available(1), list(2), list(1)))).toEqual(["1 available", "2 ended unwanted"]);
  });

  it("starts a new life of a version whose load is being cancelled", () => {
    const state = run(list(1), ...happen(1, "load-chosen", "load-started"), list(), list(1));
    expect(shown(state)).toEqual(["1 cancelling unwanted", "1 new"]);
  });

  it("starts a new life beside a version with other bytes", () => {
    expect(shown(run(list([1, "a"]), ...available(1), list([1, "b"])))).toEqual(["1a available unwanted", "1b new"]);
  });

  it("tries a failed version anew only when its bytes are others", () => {
    const error = new ServingError("DATA_LOSS", "cut short");
    const failed = run(list([1, "a"]), ...happen(1, "load-chosen", "load-started"), {
      type: "version",
      incarnation: 1,
      event: { type: "load-failed", error, retry: false },
    });
    expect(next(failed, list([1, "a"]))).toBe(failed);
    expect(shown(next(failed, list([1, "b"])))).toEqual(["1b new"]);
  });

  it("bears a version with an error failed, and replaces it once there is data", () => {
    const error = new ServingError("DATA_LOSS", "no such file");
    const broken = run({ type: "aspired", versions: [{ version: 1, revision: undefined, error }] });
    expect(broken.entries[0]?.state).toEqual({ phase: "failed", error });
    expect(shown(next(broken, list(1)))).toEqual(["1 new"]);
  });
});

it("remembers a bounded number of ended lives", () => {
  const lists = Array.from({ length: 100 }, (_, version) => list(version));
  expect(run(...lists).entries).toHaveLength(ENDED_REMEMBERED + 1);
});

const anyVersionEvent: fc.Arbitrary<VersionEvent> = fc.oneof(
  fc
    .constantFrom(
      "load-chosen" as const,
      "load-started" as const,
      "load-succeeded" as const,
      "retry-due" as const,
      "unload-chosen" as const,
      "drained" as const,
      "unloaded" as const,
    )
    .map((type) => ({ type })),
  fc.boolean().map((retry) => ({ type: "load-failed" as const, error: new ServingError("LOAD_FAILED", "no"), retry })),
);
const anyList = fc.uniqueArray(fc.tuple(fc.nat(4), fc.constantFrom("a", "b")), {
  maxLength: 4,
  selector: ([version]) => version,
});
const anyEvent: fc.Arbitrary<ModelEvent> = fc.oneof(
  anyList.map((versions) => list(...versions)),
  fc.record({
    type: fc.constant("version" as const),
    incarnation: fc.integer({ min: 1, max: 12 }),
    event: anyVersionEvent,
  }),
);

const key = (entry: VersionEntry): string => `${entry.version} ${entry.revision}`;

it("holds its invariants under any events", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
      let state = emptyModel;
      for (const event of events) {
        const before = state;
        state = next(state, event);
        const staying = state.entries.filter((entry) => !isLeaving(entry.state.phase));
        // No bytes live twice, no version is aspired twice, and lives keep their order.
        expect(new Set(staying.map(key)).size).toBe(staying.length);
        const aspired = state.entries.filter((entry) => entry.aspired);
        expect(new Set(aspired.map(({ version }) => version)).size).toBe(aspired.length);
        const incarnations = state.entries.map(({ incarnation }) => incarnation);
        expect(incarnations).toEqual([...incarnations].sort((a, b) => a - b));
        // What is loaded or on its way never disappears without having ended.
        for (const { incarnation, state: old } of before.entries) {
          const gone = !incarnations.includes(incarnation);
          if (gone) expect(["ended", "failed", "new", "waiting", "retrying"]).toContain(old.phase);
        }
        if (event.type !== "aspired") continue;
        const wanted = new Map(event.versions.map(({ version, revision }) => [version, revision]));
        expect(new Set(aspired.map(({ version }) => version))).toEqual(new Set(wanted.keys()));
        expect(next(state, event)).toBe(state);
      }
    }),
  );
});
