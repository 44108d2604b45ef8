import fc from "fast-check";
import { expect, it } from "vitest";
import { type ControllableSource, controllableSource } from "./controllable-source.js";
import type { AspiredVersion, AspiredVersions } from "./source.js";

type Name = "a" | "b";
type Version = AspiredVersion<string>;
type List = AspiredVersions<string, Name>;
type Call =
  | { readonly do: "add"; readonly name: Name; readonly version: Version }
  | { readonly do: "remove"; readonly name: Name; readonly number: number | undefined }
  | { readonly do: "replace"; readonly name: Name; readonly versions: readonly Version[] }
  | { readonly do: "set"; readonly list: List }
  | { readonly do: "clear"; readonly name: Name | undefined };

const name = fc.constantFrom<Name>("a", "b");
const number = fc.integer({ min: 1, max: 3 });
const version: fc.Arbitrary<Version> = fc.oneof(
  fc.record({ version: number, data: fc.constantFrom("x", "y") }),
  fc.record({ version: number, data: fc.constantFrom("x", "y"), revision: fc.constantFrom("r", "s") }),
  fc.record({ version: number, error: fc.constantFrom("e", "f") }),
);
const versions = fc.uniqueArray(version, { selector: (each) => each.version, maxLength: 3 });
const notes = fc.constantFrom([], ["n"]);
const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ do: fc.constant("add" as const), name, version }),
  fc.record({ do: fc.constant("remove" as const), name, number: fc.option(number, { nil: undefined }) }),
  fc.record({ do: fc.constant("replace" as const), name, versions }),
  fc.record({ do: fc.constant("set" as const), list: fc.record({ name, versions, notes }) }),
  fc.record({ do: fc.constant("clear" as const), name: fc.option(name, { nil: undefined }) }),
);

function callOn(source: ControllableSource<string, Name>, call: Call): void {
  switch (call.do) {
    case "add":
      return source.add(call.name, call.version);
    case "remove":
      return source.remove(call.name, call.number);
    case "replace":
      return source.replace(call.name, call.versions);
    case "set":
      return source.set(call.list);
    case "clear":
      return source.clear(call.name);
  }
}

/** What is aspired, as plain maps: versions by number in the order in which they came, and notes. */
interface ModelEntry {
  readonly versions: Map<number, Version>;
  notes: readonly string[];
}
type Model = Map<Name, ModelEntry>;

function callOnModel(model: Model, call: Call): void {
  const mapOf = (all: readonly Version[]): Map<number, Version> => new Map(all.map((each) => [each.version, each]));
  const entry = (name: Name): ModelEntry => model.get(name) ?? { versions: new Map(), notes: [] };
  switch (call.do) {
    case "add": {
      const { versions, notes } = entry(call.name);
      model.set(call.name, { versions: versions.set(call.version.version, call.version), notes });
      break;
    }
    case "remove":
      if (call.number === undefined) model.delete(call.name);
      else model.get(call.name)?.versions.delete(call.number);
      break;
    case "replace":
      model.set(call.name, { versions: mapOf(call.versions), notes: entry(call.name).notes });
      break;
    case "set":
      model.set(call.list.name, { versions: mapOf(call.list.versions), notes: call.list.notes ?? [] });
      break;
    case "clear":
      for (const name of call.name === undefined ? [...model.keys()] : [call.name]) {
        if (model.has(name)) model.set(name, { versions: new Map(), notes: [] });
      }
      break;
  }
}

const complete = ({ versions, notes = [] }: Omit<List, "name">): unknown => ({ versions, notes });
const asPlain = (model: Model): Record<string, unknown> =>
  Object.fromEntries(
    [...model].map(([name, { versions, notes }]) => [name, { versions: [...versions.values()], notes }]),
  );
const plainOf = (lists: Iterable<List>): Record<string, unknown> =>
  Object.fromEntries([...lists].map((list) => [list.name, complete(list)]));
const text = (value: unknown): string => JSON.stringify(value);

it("is a plain map of lists: each change emits the complete list of its name, and nothing else emits", () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 30 }), (calls) => {
      const source = controllableSource<string, Name>();
      const model: Model = new Map();
      const heard: List[] = [];
      source.lists$.subscribe((list) => heard.push(list));
      for (const each of calls) {
        const before = asPlain(model);
        heard.length = 0;
        callOn(source, each);
        callOnModel(model, each);
        const after = asPlain(model);
        expect(plainOf(source.current.values())).toEqual(after);
        const empty = complete({ versions: [] });
        const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
          (name) =>
            text(before[name]) !== text(after[name]) &&
            // Nothing is said of a name that had no version and is forgotten.
            !(after[name] === undefined && text((before[name] as List).versions) === "[]"),
        );
        expect(heard.map((list) => list.name).sort()).toEqual(changed.sort());
        for (const list of heard) expect(complete(list)).toEqual(after[list.name] ?? empty);
      }
    }),
  );
});

it("tells whoever comes late the same as whoever was there", () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 20 }), fc.array(call, { maxLength: 10 }), (early, later) => {
      const source = controllableSource<string, Name>();
      const [first, second] = [new Map<Name, List>(), new Map<Name, List>()];
      source.lists$.subscribe((list) => first.set(list.name, list));
      for (const each of early) callOn(source, each);
      source.lists$.subscribe((list) => second.set(list.name, list));
      expect(plainOf(second.values())).toEqual(plainOf(source.current.values()));
      for (const each of later) callOn(source, each);
      const wanted = (lists: Map<Name, List>) =>
        plainOf([...lists.values()].filter((list) => list.versions.length > 0));
      expect(wanted(second)).toEqual(wanted(first));
      expect(wanted(first)).toEqual(wanted(new Map(source.current)));
    }),
  );
});

it("ends with the present lists for every subscriber, though subscribers call back in", () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 10 }), fc.array(call, { maxLength: 6 }), (calls, answers) => {
      const source = controllableSource<string, Name>();
      const heard = [new Map<Name, List>(), new Map<Name, List>(), new Map<Name, List>()] as const;
      const waiting = [...answers];
      const listen = (lists: Map<Name, List>, answering: boolean): void => {
        source.lists$.subscribe((list) => {
          // It answers before it has taken in what it was told, as an operator in between might.
          const answer = answering ? waiting.shift() : undefined;
          if (answer !== undefined) callOn(source, answer);
          lists.set(list.name, list);
        });
      };
      listen(heard[0], true);
      listen(heard[1], false);
      for (const each of calls) callOn(source, each);
      waiting.push(...answers);
      listen(heard[2], true);
      for (const lists of heard) {
        for (const [name, list] of source.current) expect(lists.get(name)).toEqual(list);
        for (const [name, list] of lists) if (!source.current.has(name)) expect(list.versions).toEqual([]);
      }
    }),
  );
});
