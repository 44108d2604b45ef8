import { type NamedTensors, type Predictor, type Signature, tensor, toNested } from "@servable/core";
import { loadContext } from "@servable/core/testing";
import { describe, expect, it } from "vitest";
import { byteStringsOf } from "../predictor/byte-strings.js";
import { fakePredictor, signature } from "../testing/fake-predictor.js";
import { type PipelineStep, pipeline } from "./pipeline.js";

const id = { name: "search", version: 1 };
const load = async (steps: readonly PipelineStep[], servables: Record<string, unknown>): Promise<Predictor> =>
  (await pipeline(steps).load(loadContext({ id, servables }))).servable;

const encoder = fakePredictor(
  signature({ text: ["string", [-1]] }, { vector: ["float32", [-1, 2]], length: ["int64", [-1]] }),
  async ({ text }, options) => ({
    vector: tensor(byteStringsOf(text).map((bytes) => [bytes.length, options?.outputs?.length ?? 0])),
  }),
);
const ranker = fakePredictor(
  signature({ x: ["float32", [-1, 2]] }, { score: ["float32", [-1]], rank: ["int64", [-1]] }),
  async ({ x }) => {
    const rows = x === undefined ? [] : (toNested(x) as number[][]);
    return { score: tensor(rows.map(([a = 0, b = 0]) => a + b / 10)), rank: tensor(rows.map((_, row) => BigInt(row))) };
  },
);
const steps: readonly PipelineStep[] = [
  { name: "encoder", inputs: { text: "query" } },
  { name: "ranker", label: "stable", inputs: { x: "vector" }, outputs: { score: "relevance" } },
];
const text = tensor(["a", "bcd"]);

describe("a pipeline", () => {
  it("takes the inputs of the first step and gives the outputs of the last, by their new names", async () => {
    const servable = await load(steps, { encoder, ranker });
    expect(pipeline(steps).dependencies).toEqual([{ name: "encoder" }, { name: "ranker", label: "stable" }]);
    expect(servable.signatures).toEqual({
      serving_default: {
        inputs: { query: { dtype: "string", shape: [-1] } },
        outputs: { relevance: { dtype: "float32", shape: [-1] }, rank: { dtype: "int64", shape: [-1] } },
        methodName: "tensorflow/serving/predict",
      },
    });
    const outputs = await servable.predict({ query: text });
    // A tenth for each output that the encoder was asked for: its length goes nowhere.
    expect(outputs).toEqual({ relevance: tensor([1.1, 3.1]), rank: tensor([0n, 1n]) });
    expect(Object.keys(await servable.predict({ query: text }, { outputs: ["rank"] }))).toEqual(["rank"]);
  });

  it("calls the signature that a step names", async () => {
    const seen: unknown[] = [];
    const both: Predictor = {
      signatures: { a: signature({ x: ["float32", [-1]] }), b: signature({ x: ["float32", undefined] }) },
      predict: async (inputs: NamedTensors, options) => {
        seen.push(options?.signature, options?.outputs);
        return { ...inputs };
      },
    };
    const servable = await load(
      [
        { name: "m", signature: "a" },
        { name: "m", signature: "b" },
      ],
      { m: both },
    );
    await servable.predict({ x: tensor([1]) });
    expect(seen).toEqual(["a", ["x"], "b", ["x"]]);
  });

  it("feeds one input to several of the first step", async () => {
    const sum = fakePredictor(signature({ a: ["float32", [-1]], b: ["float32", [-1]] }));
    const servable = await load([{ name: "sum", inputs: { a: "x", b: "x" } }], { sum });
    expect(await servable.predict({ x: tensor([1]) })).toEqual({ a: tensor([1]), b: tensor([1]) });
  });

  it.each<[string, readonly PipelineStep[], string]>([
    [
      "an input that does not come",
      [{ name: "encoder" }, { name: "ranker" }],
      "step 2: its input x does not come from step 1, which gives vector, length; rename one of them",
    ],
    [
      "another dtype",
      [{ name: "encoder", outputs: { length: "x", vector: "v" } }, { name: "ranker" }],
      "step 2: its input x is float32 [?, 2], step 1 gives int64 [?]",
    ],
    [
      "another shape",
      [{ name: "ranker" }, { name: "ranker", inputs: { x: "score" } }],
      "step 2: its input score is float32 [?, 2], step 1 gives float32 [?]",
    ],
    [
      "an unknown signature",
      [{ name: "encoder", signature: "x" }],
      "step 1: encoder has no signature x; it has serving_default",
    ],
    [
      "a new name for no input",
      [{ name: "encoder", inputs: { x: "y" } }],
      "step 1: inputs: there is no x in the signature; there are text",
    ],
    [
      "a new name for no output",
      [{ name: "encoder", outputs: { toString: "y" } }],
      "step 1: outputs: there is no toString",
    ],
    [
      "one name for two outputs",
      [{ name: "encoder", outputs: { length: "vector" } }],
      "step 1: two outputs are handed on as vector; rename one of them",
    ],
    [
      "one name for two inputs that differ",
      [{ name: "mixed", inputs: { a: "b" } }],
      "step 1: its inputs a and b differ and cannot both be b",
    ],
  ])("refuses %s when it is loaded", async (_, steps, message) => {
    const mixed = fakePredictor(signature({ a: ["float32", [-1]], b: ["int64", [-1]] }));
    await expect(load(steps, { encoder, ranker, mixed })).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringContaining(`search/1: ${message}`),
    });
  });

  it("names the step that fails, also when its part has been swapped for one that does not fit", async () => {
    const servables: Record<string, unknown> = { encoder, ranker };
    const servable = await load(steps, servables);
    const failing = async (): Promise<never> => {
      throw new Error("broken");
    };
    servables["ranker"] = fakePredictor(ranker.signatures["serving_default"] as Signature, failing);
    await expect(servable.predict({ query: text })).rejects.toThrow("search/1: step 2: ranker/1: broken");
    servables["ranker"] = encoder;
    await expect(servable.predict({ query: text })).rejects.toThrow("search/1: step 2: inputs: there is no x");
  });

  it("needs a step", () => {
    expect(() => pipeline([])).toThrow("a pipeline needs at least one step");
  });
});
