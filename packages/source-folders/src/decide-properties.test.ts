import { all, exactly, latest, type VersionPolicy } from "@servable/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type DecisionRules, decide, initialState, type Look, type SourceState } from "./decide.js";
import type { Condition } from "./folder-memory.js";
import { choose, type Finding, nextToExamine, type Standing, standingOf } from "./standing.js";

const condition: fc.Arbitrary<Condition> = fc.constantFrom<Condition>(
  { kind: "complete" },
  { kind: "restless" },
  { kind: "incomplete", missing: "x" },
);
const finding: fc.Arbitrary<Finding> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({ revision: fc.constantFrom("a", "b"), condition })
      .map((each): Finding => ({ kind: "known", memory: { ...each, sinceMs: 0 } })),
  },
  { weight: 1, arbitrary: fc.constant<Finding>({ kind: "gone" }) },
  { weight: 1, arbitrary: fc.constant<Finding>({ kind: "fault", reason: "EIO" }) },
);
/** What is on the disk; a look sees of it what the policy asks for. */
type Disk = ReadonlyMap<number, Finding> | Exclude<Look, { kind: "listed" }>;
const disk: fc.Arbitrary<Disk> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 5 }), finding), { selector: ([v]) => v })
      .map((e) => new Map(e)),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("missing" as const, "unreadable" as const, "fault" as const)
      .map((kind) => ({ kind, reason: kind })),
  },
);
const policy: fc.Arbitrary<VersionPolicy> = fc.constantFrom(latest(1), latest(2), all(), exactly([2, 4]));
const rules: fc.Arbitrary<DecisionRules> = fc.record({
  path: fc.constant("/m"),
  versions: policy,
  whenEmpty: fc.constantFrom("keep", "unload"),
});

const isMap = (each: Disk): each is ReadonlyMap<number, Finding> => each instanceof Map;
const lastOffers = (state: SourceState): readonly { version: number; revision: string; entry: string }[] =>
  state.list?.offers ?? [];

function standing(state: SourceState, version: number, found: Finding): Standing {
  const lastOffer = lastOffers(state).find((offer) => offer.version === version);
  return standingOf({ version, entry: String(version), finding: found, lastOffer });
}

/** A look as the shell takes it. */
function lookAt(found: Disk, state: SourceState, { versions }: DecisionRules): Look {
  if (!isMap(found)) return found;
  const standings = new Map<number, Standing | undefined>([...found.keys()].map((version) => [version, undefined]));
  const findings = new Map<number, Finding>();
  for (;;) {
    const version = nextToExamine(versions, standings);
    const each = version === undefined ? undefined : found.get(version);
    if (version === undefined || each === undefined) break;
    findings.set(version, each);
    standings.set(version, standing(state, version, each));
  }
  const folders = new Map([...found.keys()].map((version) => [version, String(version)]));
  return { kind: "listed", base: { folders, skipped: [] }, findings };
}

const history = fc.array(disk, { minLength: 1, maxLength: 12 });

it("offers only what was seen complete, and while it is there what the policy chooses of all that can be offered", () => {
  fc.assert(
    fc.property(history, rules, (disks, rule) => {
      let state = initialState;
      const complete = new Set<string>();
      for (const each of disks) {
        const before = state;
        if (isMap(each)) {
          for (const [version, found] of each) {
            if (found.kind === "known" && found.memory.condition.kind === "complete") {
              complete.add(`${version} ${found.memory.revision}`);
            }
          }
        }
        ({ state } = decide(before, lookAt(each, before, rule), rule));
        for (const { version, revision } of lastOffers(state)) expect(complete).toContain(`${version} ${revision}`);
        if (!isMap(each)) continue;
        // Against all that is on the disk, not only against what was looked into.
        const standings = new Map([...each].map(([version, found]) => [version, standing(before, version, found)]));
        const expected = choose(rule.versions, standings);
        const versions = lastOffers(state).map(({ version }) => version);
        if (expected.length > 0 || rule.whenEmpty === "unload") expect(versions).toEqual(expected);
        else expect(versions).toEqual(lastOffers(before).map(({ version }) => version));
      }
    }),
  );
});

it("never empties a list that is to be kept, and no fault changes one", () => {
  fc.assert(
    fc.property(history, rules, (disks, rule) => {
      let state = initialState;
      for (const each of disks) {
        const next = decide(state, lookAt(each, state, rule), rule);
        const hadOffers = lastOffers(state).length > 0;
        if (hadOffers && rule.whenEmpty === "keep") expect(lastOffers(next.state)).not.toEqual([]);
        if (!isMap(each) && each.kind === "fault") expect(next.state.list).toBe(state.list);
        if (!isMap(each) && each.kind === "unreadable") expect(lastOffers(next.state)).toEqual(lastOffers(state));
        state = next.state;
      }
    }),
  );
});

it("emits when something changed and only then, and warns of nothing twice in a row", () => {
  fc.assert(
    fc.property(history, rules, (disks, rule) => {
      let state = initialState;
      for (const each of disks) {
        const next = decide(state, lookAt(each, state, rule), rule);
        if (next.emission === undefined) expect(next.state.list).toBe(state.list);
        else expect(next.emission).not.toEqual(state.list);
        const again = decide(next.state, lookAt(each, next.state, rule), rule);
        expect(again).toEqual({ state: next.state, warnings: [] });
        state = next.state;
      }
    }),
  );
});

it("changes nothing that it was given", () => {
  fc.assert(
    fc.property(history, rules, (disks, rule) => {
      let state = initialState;
      for (const each of disks) {
        const look = lookAt(each, state, rule);
        const copies = structuredClone({ state, look });
        const next = decide(state, look, rule);
        expect({ state, look }).toEqual(copies);
        state = next.state;
      }
    }),
  );
});
