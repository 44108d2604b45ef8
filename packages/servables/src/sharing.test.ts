import { createManager, type Loader, type Shared, type SharedValue, shared } from "@servable/core";
import { loadContext } from "@servable/core/testing";
import { BehaviorSubject, of } from "rxjs";
import { expect, it } from "vitest";
import { lookupTable } from "./lookup-table/lookup-table.js";
import type { LookupTable } from "./lookup-table/table.js";
import { sharedServable } from "./shared-servable.js";

/** A vocabulary that tells when it is made and released. */
function vocabulary(entries: Record<string, string>): { words: Shared<LookupTable>; log: string[] } {
  const log: string[] = [];
  const words = shared("words", async (signal): Promise<SharedValue<LookupTable>> => {
    log.push("made");
    const { servable } = await lookupTable(entries).load(loadContext({ id: { name: "words", version: 0 }, signal }));
    return { value: servable, [Symbol.asyncDispose]: async () => void log.push("released") };
  });
  return { words, log };
}

interface Translator {
  translate(word: string): string;
}

/** A model of plain code that reads a vocabulary that it does not own. */
function translator(words: Shared<LookupTable>, suffix: string): Loader<Translator> {
  return {
    async load({ signal }) {
      const held = await words.hold(signal);
      return {
        servable: { translate: (word) => `${held.value.get(word)}${suffix}` },
        [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
      };
    },
  };
}

it("two models hold one vocabulary, which is made once and released after the last", async () => {
  const { words, log } = vocabulary({ a: "eins" });
  const versions = <D>(...data: D[]): { version: number; data: D }[] => data.map((data) => ({ version: 1, data }));
  const first = new BehaviorSubject({ name: "first" as const, versions: versions(translator(words, "!")) });
  const second = of({ name: "second" as const, versions: versions(translator(words, "?")) });
  const manager = createManager({ first, second });
  await Promise.all([manager.whenAvailable("first"), manager.whenAvailable("second")]);
  expect([words.holders, log]).toEqual([2, ["made"]]);
  expect(await manager.use("first", (each) => each.translate("a"))).toBe("eins!");
  expect(await manager.use("second", (each) => each.translate("a"))).toBe("eins?");

  first.next({ name: "first", versions: [] });
  while (words.holders > 1) await new Promise((resolve) => setImmediate(resolve));
  expect(log).toEqual(["made"]);
  expect(await manager.use("second", (each) => each.translate("a"))).toBe("eins?");
  await manager.close();
  expect([words.holders, log]).toEqual([0, ["made", "released"]]);
});

it("versions of a table lie as deltas over one base, which goes with the last of them", async () => {
  const { words: base, log } = vocabulary({ a: "eins", b: "zwei" });
  const delta = (entries: Record<string, string>): Loader<LookupTable> => lookupTable(entries, { base });
  const [one, two] = [
    { version: 1, data: delta({ b: "two" }) },
    { version: 2, data: delta({ b: "deux", c: "trois" }) },
  ];
  const tables = new BehaviorSubject({ name: "table" as const, versions: [one, two] });
  const manager = createManager({ tables });
  await manager.whenAvailable("table", { version: 1 });
  await manager.whenAvailable("table", { version: 2 });
  const entriesOf = (version: number): Promise<[string, string][]> =>
    manager.use("table", (table) => [...table.entries()], { version });
  expect(await entriesOf(1)).toEqual(Object.entries({ a: "eins", b: "two" }));
  expect(await entriesOf(2)).toEqual(Object.entries({ a: "eins", b: "deux", c: "trois" }));
  expect([base.holders, log]).toEqual([2, ["made"]]);

  tables.next({ name: "table", versions: [two] });
  while (base.holders > 1) await new Promise((resolve) => setImmediate(resolve));
  expect(log).toEqual(["made"]);
  await manager.close();
  expect([base.holders, log]).toEqual([0, ["made", "released"]]);
});

it("what a loader loads can be shared, and loaded again after the last has gone", async () => {
  let live = 0;
  const loader: Loader<number> = {
    async load({ id, signal }) {
      expect([id, signal.aborted]).toEqual([{ name: "n", version: 0 }, false]);
      live++;
      return { servable: 7, [Symbol.asyncDispose]: async () => void live-- };
    },
  };
  const resource = sharedServable("n", loader);
  for (let time = 0; time < 2; time++) {
    const held = await Promise.all([resource.hold(), resource.hold()]);
    expect([held.map(({ value }) => value), live]).toEqual([[7, 7], 1]);
    for (const each of held) await each[Symbol.asyncDispose]();
    expect(live).toBe(0);
  }
});

it("what is shared cannot call models of a manager, and says so", async () => {
  const loader: Loader<unknown> = {
    dependencies: [{ name: "m" }],
    load: async ({ servables }) => servables.acquire({ name: "m" }) as never,
  };
  await expect(sharedServable("s", loader).hold()).rejects.toMatchObject({
    code: "FAILED_PRECONDITION",
    message: "s is shared, outside of a manager, and cannot call m; give it to the manager as a model",
  });
});
