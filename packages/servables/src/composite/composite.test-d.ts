import type { Loader, NamedTensors, Predictor } from "@servable/core";
import { expectTypeOf, it } from "vitest";
import type { LookupTable } from "../lookup-table/table.js";
import { composite } from "./composite.js";
import { ensemble } from "./ensemble.js";
import type { Part } from "./part.js";

const parts = { words: { name: "vocab" }, rank: { name: "ranker", label: "stable" } };
const signatures = {};

it("run gets the parts under their names, as predictors", () => {
  const loader = composite({
    parts,
    signatures,
    run: async (given, inputs) => {
      expectTypeOf(given).toEqualTypeOf<Readonly<Record<"words" | "rank", Part>>>();
      // @ts-expect-error there is no such part
      void given.ranker;
      return inputs;
    },
  });
  expectTypeOf(loader).toEqualTypeOf<Loader<Predictor>>();
});

it("a parameter that is written out says what a part is", () => {
  composite({
    parts,
    signatures,
    run: async ({ words, rank }: { words: Part<LookupTable>; rank: Part }, inputs) => {
      expectTypeOf(words.servable.get("a")).toEqualTypeOf<string | undefined>();
      return rank.predict(inputs);
    },
  });
});

it("an ensemble combines answers under the names of its parts", () => {
  ensemble({
    parts,
    combine: (answers) => {
      expectTypeOf(answers).toEqualTypeOf<Readonly<Record<"words" | "rank", NamedTensors>>>();
      return answers.words;
    },
  });
});
