import { all, exactly, latest } from "@servable/core";
import { describe, expect, it } from "vitest";
import { type DecisionRules, decide, initialState, type Look, type SourceState } from "./decide.js";
import type { Condition, FolderMemory } from "./folder-memory.js";
import type { Finding } from "./standing.js";

const rules: DecisionRules = { path: "/m", versions: latest(1), whenEmpty: "keep" };
const COMPLETE: Condition = { kind: "complete" };
const RESTLESS: Condition = { kind: "restless" };
const LACKING: Condition = { kind: "incomplete", missing: "x is missing" };

const known = (revision: string, condition: Condition): Finding => ({
  kind: "known",
  memory: { revision, sinceMs: 0, condition },
});
type Listed = Extract<Look, { kind: "listed" }>;
const base = (versions: readonly (number | string)[], skipped: Listed["base"]["skipped"] = []): Listed["base"] => ({
  folders: new Map(versions.map((entry) => [Number(entry), String(entry)])),
  skipped,
});
const listed = (findings: Record<number, Finding>): Listed => ({
  kind: "listed",
  base: base(Object.keys(findings)),
  findings: new Map(Object.entries(findings).map(([entry, finding]) => [Number(entry), finding])),
});
const offering = (...versions: number[]): SourceState => ({
  ...initialState,
  list: {
    offers: versions.map((version) => ({ version, entry: String(version), revision: "a" })),
    skipped: [],
    notes: [],
  },
});
const whole = known("a", COMPLETE);
const FAULT: Finding = { kind: "fault", reason: "EIO" };

describe("what is offered", () => {
  it.each<[string, SourceState, Record<number, Finding>, Partial<DecisionRules>, string[] | undefined]>([
    ["nothing, of nothing", initialState, {}, {}, []],
    ["the highest that is complete", initialState, { 1: whole, 2: whole }, {}, ["2a"]],
    ["the one below, of a copy under way", initialState, { 1: whole, 2: known("a", RESTLESS) }, {}, ["1a"]],
    ["the one below, of an incomplete one", initialState, { 1: whole, 2: known("a", LACKING) }, {}, ["1a"]],
    ["the one below, of one that fails", initialState, { 1: whole, 2: FAULT }, {}, ["1a"]],
    ["the one below, of one just gone", initialState, { 1: whole, 2: { kind: "gone" } }, {}, ["1a"]],
    ["two, of three", initialState, { 1: whole, 2: whole, 3: whole }, { versions: latest(2) }, ["3a", "2a"]],
    ["all that can be", initialState, { 1: whole, 2: FAULT, 3: whole }, { versions: all() }, ["3a", "1a"]],
    ["given ones that exist", initialState, { 1: whole, 2: whole }, { versions: exactly([1, 7]) }, ["1a"]],
    ["the new one", offering(1), { 1: whole, 2: whole }, {}, ["2a"]],
    ["the new bytes", offering(1), { 1: known("b", COMPLETE) }, {}, ["1b"]],
    ["the old offer of one being rewritten", offering(2), { 1: whole, 2: known("b", RESTLESS) }, {}, ["2a"]],
    ["the old offer of one now incomplete", offering(2), { 1: whole, 2: known("b", LACKING) }, {}, ["2a"]],
    ["nothing new of what fails now", offering(2), { 1: whole, 2: FAULT }, {}, ["2a"]],
    ["what is left", offering(2, 1), { 1: whole }, { versions: latest(2) }, ["1a"]],
    ["the last list, of nothing", offering(2, 1), {}, {}, ["2a", "1a"]],
    ["the last list, of nothing complete", offering(1), { 2: known("a", LACKING) }, {}, ["1a"]],
    ["nothing, of nothing, if asked to unload", offering(2), {}, { whenEmpty: "unload" }, []],
    ["nothing, of nothing complete, if asked to unload", offering(1), { 2: FAULT }, { whenEmpty: "unload" }, []],
  ])("is %s", (_, state, findings, changed, expected) => {
    const { state: next } = decide(state, listed(findings), { ...rules, ...changed });
    expect(next.list?.offers.map(({ version, revision }) => `${version}${revision}`)).toEqual(expected);
  });

  it("is the same object as long as it is the same offer", () => {
    const state = offering(1);
    const rewritten = decide(state, listed({ 1: known("b", RESTLESS) }), rules);
    expect(rewritten.emission?.offers[0]).toBe(state.list?.offers[0]);
    const restored = decide(rewritten.state, listed({ 1: whole }), rules);
    expect(restored.emission?.offers[0]).toBe(state.list?.offers[0]);
  });

  it("is another offer when the same files lie in another folder", () => {
    const moved = { ...listed({ 1: whole }), base: base(["01"]) };
    expect(decide(offering(1), moved, rules).emission?.offers).toEqual([{ version: 1, entry: "01", revision: "a" }]);
  });
});

describe("what is said", () => {
  it("lists what was refused with its reason, beside what was no version", () => {
    const look = listed({ 1: whole, 2: known("a", LACKING), 3: known("a", RESTLESS), 4: FAULT });
    const other = { entry: "x", reason: "no version" };
    const said = decide(initialState, { ...look, base: base([1, 2, 3, 4], [other]) }, rules);
    expect(said.emission?.skipped).toEqual([
      { entry: "2", reason: "not complete: x is missing" },
      { entry: "3", reason: "not at rest: its files have just changed" },
      { entry: "4", reason: "EIO" },
      other,
    ]);
  });

  it("lists what was asked for by number and has no folder", () => {
    const asked = { ...rules, versions: exactly([1, 7]) };
    const reason = "it does not exist, and exactly version 7, 1 should be loaded";
    const said = decide(initialState, listed({ 1: whole }), asked);
    expect(said.emission?.skipped).toEqual([{ entry: "7", reason }]);
    expect(decide(said.state, listed({ 1: whole, 7: whole }), asked).emission?.skipped).toEqual([]);
  });

  it.each<[string, Look, Partial<DecisionRules>, string[], number[]]>([
    ["missing", { kind: "missing", reason: "gone" }, {}, ["gone; what was offered stays offered: version 1"], [1]],
    ["missing, to unload", { kind: "missing", reason: "gone" }, { whenEmpty: "unload" }, ["gone"], []],
    [
      "unreadable",
      { kind: "unreadable", reason: "EACCES" },
      {},
      ["EACCES; what was offered stays offered: version 1"],
      [1],
    ],
    [
      "unreadable, to unload",
      { kind: "unreadable", reason: "EACCES" },
      { whenEmpty: "unload" },
      ["EACCES; what was offered stays offered: version 1"],
      [1],
    ],
  ])("tells of a base path that is %s, in a note and one warning", (_, look, changed, notes, versions) => {
    const first = decide(offering(1), look, { ...rules, ...changed });
    expect(first.emission?.notes).toEqual(notes);
    expect(first.emission?.offers.map(({ version }) => version)).toEqual(versions);
    expect(first.warnings).toEqual(notes);
    const second = decide(first.state, look, { ...rules, ...changed });
    expect(second).toEqual({ state: first.state, warnings: [] });
  });

  it.each([[initialState], [offering(2, 1)]])("a passing fault is one warning and no list", (state) => {
    const look: Look = { kind: "fault", reason: "EIO" };
    for (const whenEmpty of ["keep", "unload"] as const) {
      const first = decide(state, look, { ...rules, whenEmpty });
      expect(first).not.toHaveProperty("emission");
      expect(first.state.list).toBe(state.list);
      expect(first.warnings).toEqual(["EIO; it is tried again at the next look"]);
      expect(decide(first.state, look, rules).warnings).toEqual([]);
    }
  });

  it("warns again of trouble that came back", () => {
    const look: Look = { kind: "fault", reason: "EIO" };
    const first = decide(offering(1), look, rules);
    const well = decide(first.state, listed({ 1: whole }), rules);
    expect(well).not.toHaveProperty("emission");
    expect(decide(well.state, look, rules).warnings).toHaveLength(1);
  });

  it("warns of each version folder that fails, and of an empty base path, but not of a copy under way", () => {
    expect(decide(offering(1), listed({ 1: FAULT }), rules).warnings).toEqual(["EIO"]);
    expect(decide(initialState, listed({}), rules).warnings).toEqual([expect.stringContaining("such as /m/1")]);
    expect(decide(initialState, listed({ 1: known("a", RESTLESS) }), rules).warnings).toEqual([]);
    expect(decide(offering(1), listed({ 2: known("a", RESTLESS) }), rules).warnings).toEqual([
      expect.stringContaining("what was offered stays offered: version 1"),
    ]);
  });
});

describe("what is remembered", () => {
  it("are the folders that are there, looked into or not", () => {
    const memory = { revision: "a", sinceMs: 5, condition: RESTLESS };
    const memories = new Map(["1", "2", "3", "4", "9"].map((entry) => [entry, memory]));
    const look = listed({ 1: whole, 2: FAULT, 4: { kind: "gone" } });
    const { state } = decide({ ...initialState, memories }, { ...look, base: base([1, 2, 3, 4]) }, rules);
    expect(state.memories).toEqual(
      new Map<string, FolderMemory>([
        ["1", { revision: "a", sinceMs: 0, condition: COMPLETE }],
        ["2", memory],
        ["3", memory],
      ]),
    );
  });
});
