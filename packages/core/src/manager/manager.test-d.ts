import { of } from "rxjs";
import { assertType, expectTypeOf, test } from "vitest";
import type { Loader } from "../loader.js";
import type { AspiredVersions, Source } from "../source/source.js";
import { createManager } from "./create-manager.js";
import type { Manager } from "./manager.js";

interface Digits {
  classify(image: Float32Array): number;
}
declare const digits: Loader<Digits>;
declare const mnist: Source<Loader<Digits>, "mnist">;
declare const discovered: Source<Loader<{ label: string }>>;
declare const stream: AsyncIterable<AspiredVersions<Loader<Map<string, number>>, "words">>;

test("names and servables flow from the sources", () => {
  const manager = createManager({ disk: mnist, more: stream });
  expectTypeOf(manager.acquire("mnist").servable).toEqualTypeOf<Digits>();
  expectTypeOf(manager.acquire("words").servable).toEqualTypeOf<Map<string, number>>();
  expectTypeOf(manager.use("mnist", (model) => model.classify(new Float32Array(4)))).toEqualTypeOf<Promise<number>>();
});

test("a wrong name does not compile", () => {
  const manager = createManager({ disk: mnist });
  // @ts-expect-error no source names it
  manager.acquire("minst");
  // @ts-expect-error no source names it
  void manager.use("minst", () => 0);
  // @ts-expect-error no source names it
  void manager.whenAvailable("minst");
});

test("a literal list needs no annotation", () => {
  const manager = createManager({ table: of({ name: "digits", versions: [{ version: 1, data: digits }] } as const) });
  expectTypeOf(manager.acquire("digits").servable).toEqualTypeOf<Digits>();
});

test("discovered names fall back to string for their part only", () => {
  const manager = createManager({ disk: mnist, bucket: discovered });
  expectTypeOf(manager.acquire("anything").servable).toEqualTypeOf<{ label: string }>();
  expectTypeOf(manager.acquire("mnist").servable).toEqualTypeOf<Digits>();
});

test("a manager of known models is a manager of any", () => {
  assertType<Manager>(createManager({ disk: mnist }));
});
