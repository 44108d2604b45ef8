import type { Loaded } from "@servable/core";
import { loadContext } from "@servable/core/testing";
import { describe, expect, it } from "vitest";
import { type SavedModelOptions, savedModel } from "./index.js";
import { fixtureFiles } from "./testing/fixture-files.js";
import { goldenCalls, largestError } from "./testing/golden.js";
import type { TfServable } from "./tf-servable.js";

async function load(model: string, options: SavedModelOptions): Promise<Loaded<TfServable>> {
  return savedModel(options)(fixtureFiles(model)).load(
    loadContext({ id: { name: model.split("/")[0] ?? "", version: 1 } }),
  );
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

describe("loading", () => {
  it.each([0, 1])("closes the files again where it fails, and names the version (threads: %i)", async (threads) => {
    const files = fixtureFiles("half_plus_two/1", (name, bytes) =>
      name === "saved_model.pb" ? bytes.slice(0, 100) : undefined,
    );
    await expect(savedModel({ threads })(files).load(loadContext())).rejects.toMatchObject({
      code: "DATA_LOSS",
      message: expect.stringMatching(/^m\/1: saved_model\.pb /) as string,
    });
    expect([files.opened, files.closed]).toEqual([1, 1]);
  });

  it.each([0, 1])("keeps the files open while the model is loaded (threads: %i)", async (threads) => {
    const files = fixtureFiles("half_plus_two/1");
    const loaded = await savedModel({ threads })(files).load(loadContext());
    expect([files.opened, files.closed]).toEqual([1, 0]);
    await loaded[Symbol.asyncDispose]();
    await loaded[Symbol.asyncDispose]();
    expect([files.opened, files.closed]).toEqual([1, 1]);
    if (threads > 0) await expect(loaded.servable.predict({ x: [1] })).rejects.toMatchObject({ code: "CANCELLED" });
  });

  it.each([0, 1])("stops when it is aborted (threads: %i)", async (threads) => {
    const controller = new AbortController();
    const files = fixtureFiles("half_plus_two/1", () => {
      controller.abort(new Error("not wanted"));
      return undefined;
    });
    await expect(savedModel({ threads })(files).load(loadContext({ signal: controller.signal }))).rejects.toThrow(
      "not wanted",
    );
    expect([files.opened, files.closed]).toEqual([1, 1]);
  });

  it("tells of its stages, and of what it has loaded", async () => {
    const stages: string[] = [];
    const report = ({ stage }: { stage: string }): void => void stages.push(stage);
    await using loaded = await savedModel({ threads: 1 })(fixtureFiles("mnist/1")).load({
      ...loadContext(),
      report,
    });
    expect(stages).toEqual(["parse", "read variables", "compile"]);
    const counted = { before: expect.any(Number) as number, after: expect.any(Number) as number };
    const nodes = { variables: counted, identities: counted, constants: counted, fusion: counted };
    expect(loaded.describe?.()).toMatchObject({ engine: "portable", threads: 1, weightBytes: 226_880, nodes });
    expect(loaded.servable.signatures["serving_default"]?.inputs["images"]).toMatchObject({
      dtype: "float32",
      shape: [-1, 28, 28],
    });
  });
});

it.each<[SavedModelOptions, string]>([
  [{ threads: -1 }, "threads must be an integer from 0 on"],
  [{ threads: 1.5 }, "threads must be"],
  [{ maxQueuedCalls: Number.NaN }, "maxQueuedCalls must be"],
  [{ timeoutMs: 0 }, "timeoutMs must be Infinity, or more than 0"],
  [{ timeoutMs: Number.NaN }, "timeoutMs must be"],
  [{ timeoutMs: 2 ** 31 }, "timeoutMs must be"],
  [{ engine: "other" as never }, "there is no engine other"],
])("refuses the options %j", (options, message) => {
  expect(() => savedModel(options)).toThrow(message);
});

it("leaves the caller's tensors alone, and gives results of its own", async () => {
  await using loaded = await load("half_plus_two/1", { threads: 0 });
  const data = Float32Array.of(0, 1, 2, 3).subarray(1, 3);
  const x = { dtype: "float32", shape: [2], data } as const;
  const first = await loaded.servable.predict({ x });
  expect([...data]).toEqual([1, 2]);
  if (first["y"]?.data instanceof Float32Array) first["y"].data.fill(9);
  expect(await loaded.servable.predict({ x })).toMatchObject({ y: { data: Float32Array.of(2.5, 3) } });
});

it("gives the outputs that are asked for, and no other", async () => {
  await using loaded = await load("multi/1", { threads: 1 });
  const found = await loaded.servable.predict({ a: [[1, 2, 3]], b: [[1, 1, 1]] }, { outputs: ["sum"] });
  expect(found).toEqual({ sum: { dtype: "float32", shape: [1, 3], data: Float32Array.of(2, 3, 4) } });
});
