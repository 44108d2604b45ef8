import type { Loaded, LoadContext } from "@servable/core";
import { describe, expect, it } from "vitest";
import { savedModel, type SavedModelOptions } from "./saved-model.js";
import { fixtureFiles } from "./testing/fixture-files.js";
import { goldenCalls, largestError } from "./testing/golden.js";
import type { TfServable } from "./tf-servable.js";

const idle = new AbortController().signal;

function context(name: string, signal: AbortSignal = idle): LoadContext {
  return { id: { name, version: 1 }, signal, report: () => {} };
}

async function load(model: string, options: SavedModelOptions): Promise<Loaded<TfServable>> {
  return savedModel(options)(fixtureFiles(model)).load(context(model.split("/")[0] ?? ""));
}

describe.each([
  ["on this thread", 0],
  ["in a worker thread", 1],
  ["in two worker threads", 2],
])("a SavedModel %s", (_title, threads) => {
  it.each(["mnist/1", "mnist_estimator/1", "half_plus_two/1", "multi/1"])(
    "answers as TensorFlow does: %s",
    async (model) => {
      await using loaded = await load(model, { threads });
      const calls = goldenCalls(model);
      const answers = await Promise.all(
        calls.map(({ inputs, signature }) => loaded.servable.predict(inputs, { signature })),
      );
      for (const [index, { outputs, name }] of calls.entries()) {
        expect(Object.keys(answers[index] ?? {}).sort()).toEqual(Object.keys(outputs).sort());
        for (const [output, wanted] of Object.entries(outputs)) {
          const scale = Math.max(
            1,
            ...Array.from(wanted.data as ArrayLike<number>, (value) => Math.abs(Number(value as number | bigint))),
          );
          expect(largestError(answers[index]?.[output], wanted) / scale, `${name}: ${output}`).toBeLessThanOrEqual(
            1e-5,
          );
        }
      }
    },
  );
});
