import type { Observable } from "rxjs";
import { expectTypeOf, test } from "vitest";
import type { Loader } from "../loader.js";
import { createManager } from "../manager/create-manager.js";
import { controllableSource } from "./controllable-source.js";
import { loadWith } from "./load-with.js";
import { pollSource } from "./poll-source.js";
import type { AspiredVersions, Source } from "./source.js";
import { staticSource } from "./static-source.js";

type Table = ReadonlyMap<string, number>;
interface Digits {
  classify(image: Float32Array): number;
}
declare const table: Loader<Table>;
declare const tableOf: (words: string) => Loader<Table>;
declare const digits: Loader<Digits>;

test("a static source gives a manager the names, and the servable of each", () => {
  const manager = createManager({ fixed: staticSource({ vocab: { 1: table, 2: table }, digits: { 1: digits } }) });
  expectTypeOf(manager.acquire("vocab").servable).toEqualTypeOf<Table>();
  expectTypeOf(manager.acquire("digits").servable).toEqualTypeOf<Digits>();
  // @ts-expect-error no source names it
  manager.acquire("vocabulary");
});

test("a static source of names that are found out later is one of any name", () => {
  const models: Record<string, Record<number, Loader<Table>>> = {};
  expectTypeOf(staticSource(models)).toEqualTypeOf<Observable<AspiredVersions<Loader<Table>>>>();
});

test("a static source can be adapted", () => {
  const source = staticSource({ a: { 1: "x" }, b: { 1: "y" } }).pipe(loadWith(tableOf));
  expectTypeOf(source).toEqualTypeOf<Source<Loader<Table>, "a" | "b">>();
  expectTypeOf(createManager({ source }).acquire("a").servable).toEqualTypeOf<Table>();
});

test("versions are numbers", () => {
  // @ts-expect-error a list of loaders has no numbers
  staticSource({ vocab: table });
});

test("a polling source keeps the name that its look gives, of one list or many", () => {
  const one = pollSource({ name: "x", look: async () => ({ name: "mnist", versions: [{ version: 1, data: table }] }) });
  expectTypeOf(one).toEqualTypeOf<Source<Loader<Table>, "mnist">>();
  const list = { name: "mnist", versions: [{ version: 1, data: digits }] } as const;
  const many = pollSource({ name: "x", look: async ({ signal }) => (signal.aborted ? undefined : [list]) });
  expectTypeOf(createManager({ many }).acquire("mnist").servable).toEqualTypeOf<Digits>();
  const name: string = "found out";
  const any = pollSource({ name: "x", look: async () => [{ name, versions: [{ version: 1, data: table }] }] });
  expectTypeOf(any).toEqualTypeOf<Source<Loader<Table>>>();
});

test("a controllable source holds its names and data to their types", () => {
  const control = controllableSource<Loader<Table>, "vocab" | "words">();
  control.add("vocab", { version: 1, data: table });
  // @ts-expect-error not one of its names
  control.add("mnist", { version: 1, data: table });
  // @ts-expect-error not its data
  control.replace("words", [{ version: 1, data: "table" }]);
  expectTypeOf(createManager({ app: control.lists$ }).acquire("words").servable).toEqualTypeOf<Table>();
  expectTypeOf(controllableSource<string>().lists$).toEqualTypeOf<Source<string>>();
});
