import type { ModelFiles, Source } from "@servable/core";
import { expectTypeOf, test } from "vitest";
import { fsSource } from "./fs-source.js";

test("the name is kept as a literal, so that a manager knows it", () => {
  expectTypeOf(fsSource({ name: "mnist", path: "." })).toEqualTypeOf<Source<ModelFiles, "mnist">>();
  const name: string = "mnist";
  expectTypeOf(fsSource({ name, path: "." })).toEqualTypeOf<Source<ModelFiles>>();
});

test("what cannot be meant does not compile", () => {
  // @ts-expect-error: not a choice
  fsSource({ name: "m", path: ".", whenEmpty: "drop" });
  // @ts-expect-error: the path is missing
  fsSource({ name: "m" });
});
