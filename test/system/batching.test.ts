import { type BatchingOptions, batched } from "@servable/batching";
import type { Loaded, NamedTensors, Predictor, Signature, Tensor } from "@servable/core";
import { loadContext } from "@servable/core/testing";
import { savedModel } from "@servable/loader-tf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixtureFiles } from "../../packages/loader-tf/src/testing/fixture-files.js";
import { type GoldenCall, goldenCalls, largestError } from "../../packages/loader-tf/src/testing/golden.js";

/**
 * Models that TensorFlow made, and which of their signatures declare a batch dimension. Not tf1_text: its texts are split
 * up to the longest of their call, so that what it makes of one depends on the others.
 */
const MODELS: Readonly<Record<string, readonly string[]>> = {
  "mnist/1": ["serving_default"],
  "mnist/2": ["serving_default"],
  "mnist_estimator/1": ["classify", "serving_default"],
  "half_plus_two/1": ["serving_default"],
  "half_plus_two/2": ["serving_default"],
  "multi/1": ["argmax", "compare", "serving_default"],
  "control/1": ["checked"],
  "tf1_control/1": ["checked"],
};

const OPTIONS: readonly (readonly [string, BatchingOptions])[] = [
  ["adaptive", {}],
  ["with a time-out", { batchTimeoutMs: 5, maxBatchSize: 20 }],
  ["padded and split", { batchTimeoutMs: 5, allowedBatchSizes: [3, 8], enableLargeBatchSplitting: true }],
];

const rowsIn = ({ inputs }: GoldenCall): number => Object.values(inputs)[0]?.shape[0] ?? 0;

function row({ dtype, shape, data }: Tensor, at: number): Tensor {
  const length = data.length / (shape[0] ?? 1);
  return { dtype, shape: [1, ...shape.slice(1)], data: data.slice(at * length, (at + 1) * length) };
}

function rowOf(tensors: NamedTensors, at: number): NamedTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, row(tensor, at)]));
}

/** Claims that outputs are as TensorFlow gives them, up to rounding. */
function claim(found: NamedTensors, wanted: NamedTensors, what: string): void {
  expect(Object.keys(found).sort(), what).toEqual(Object.keys(wanted).sort());
  for (const [name, tensor] of Object.entries(wanted)) {
    if (tensor.dtype === "string") {
      expect(found[name], `${what}: ${name}`).toEqual(tensor);
      continue;
    }
    const sizes = Array.from({ length: tensor.data.length }, (_, at) => Math.abs(Number(tensor.data[at])));
    const scale = Math.max(1, ...sizes.filter(Number.isFinite));
    expect(largestError(found[name], tensor) / scale, `${what}: ${name}`).toBeLessThanOrEqual(1e-5);
  }
}

/** Outputs whose rows are of a fixed size: others are as wide as the longest row of their run. */
function fixedOutputs({ outputs }: GoldenCall, signature: Signature | undefined): readonly string[] {
  return Object.keys(outputs).filter((name) => !signature?.outputs[name]?.shape?.slice(1).includes(-1));
}

describe.each(Object.entries(MODELS))("%s behind batching", (model, batchable) => {
  let loaded: Loaded<Predictor> | undefined;
  beforeAll(async () => {
    loaded = await savedModel({ threads: 0 })(fixtureFiles(model)).load(loadContext());
  });
  afterAll(() => loaded?.[Symbol.asyncDispose]());

  it.each(OPTIONS)("gives TensorFlow's outputs, whole and row by row: %s", async (_, options) => {
    if (loaded === undefined) throw new Error("it is not loaded");
    const { signatures } = loaded.servable;
    await using front = batched(loaded.servable, options);
    const calls = goldenCalls(model);
    expect(calls.length).toBeGreaterThan(0);
    const asked = calls.flatMap((call) => {
      const { signature, inputs, name } = call;
      const isBatchable = batchable.includes(signature);
      const wanted = isBatchable ? fixedOutputs(call, signatures[signature]) : Object.keys(call.outputs);
      const outputs = Object.fromEntries(Object.entries(call.outputs).filter(([each]) => wanted.includes(each)));
      const ask = async (what: string, given: NamedTensors, expected: NamedTensors): Promise<void> =>
        claim(await front.predict(given, { signature, outputs: wanted }), expected, what);
      const rows = Array.from({ length: isBatchable ? rowsIn(call) : 0 }, (_, at) =>
        ask(`${name}, row ${at}`, rowOf(inputs, at), rowOf(outputs, at)),
      );
      return [ask(name, inputs, outputs), ...rows];
    });
    await Promise.all(asked);
    const { calls: taken, runs } = front.statistics();
    expect(taken).toBe(asked.length);
    // How large the first batches are depends on what has been learned by then.
    if (options.batchTimeoutMs !== undefined) expect(runs).toBeLessThan(taken);
  });
});
