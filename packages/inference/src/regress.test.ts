import { type NamedTensors, type Signature, tensor } from "@servable/core";
import { describe, expect, it } from "vitest";
import { regress } from "./regress.js";
import { failure } from "./testing/failure.js";
import { goldenPredictor, textCalls } from "./testing/golden.js";
import { fakePredictor, served } from "./testing/served.js";

const inputs = { inputs: { dtype: "string", shape: [-1] } } as const;
const anything = { dtype: "float32", shape: undefined } as const;

async function regressed(answer: NamedTensors, outputs: Signature["outputs"] = { outputs: anything }) {
  const signature = { inputs, outputs, methodName: "tensorflow/serving/regress" };
  const { manager } = await served(fakePredictor({ serving_default: signature }, async () => ({ ...answer })));
  return regress(manager, { model: "m", examples: [new Map(), new Map()] });
}

describe("regress", () => {
  it("gives what TensorFlow gives", async () => {
    const calls = textCalls();
    const golden = calls.find((call) => call.signature === "regress");
    const { manager } = await served(goldenPredictor(calls));
    const examples = golden?.inputs["inputs"]?.data as readonly Uint8Array[];
    expect(await regress(manager, { model: "m", signature: "regress", examples })).toEqual({
      id: { name: "m", version: 3 },
      signature: "regress",
      regressions: Array.from(golden?.outputs["outputs"]?.data as Float32Array),
    });
  });

  it("takes a value per example, in a column or not", async () => {
    expect((await regressed({ outputs: tensor([1, 2]) })).regressions).toEqual([1, 2]);
    expect((await regressed({ outputs: tensor([[1], [2]]) })).regressions).toEqual([1, 2]);
  });

  it.each<[string, NamedTensors, string]>([
    [
      "two columns",
      tensorsOf([
        [1, 1],
        [2, 2],
      ]),
      "needs shape [batch] or [batch, 1], got [2, 2]",
    ],
    ["a scalar", { outputs: tensor(1) }, "needs shape [batch] or [batch, 1], got []"],
    ["too few values", tensorsOf([1]), "needs 2 values, one an example, got 1"],
    ["another dtype", { outputs: tensor([1, 2], "float64") }, "needs dtype float32, got float64"],
  ])("refuses an output with %s", async (_case, answer, message) => {
    const error = await failure(regressed(answer));
    expect([error.code, error.message]).toEqual(["INVALID_ARGUMENT", expect.stringContaining(message)]);
  });

  it.each<[string, Signature["outputs"], string]>([
    ["none", {}, "one output, outputs; this one has none"],
    ["another", { y: anything }, "one output, outputs; this one has y"],
    ["two", { outputs: anything, y: anything }, "one output, outputs; this one has outputs, y"],
  ])("refuses a signature's outputs: %s", async (_case, outputs, message) => {
    const error = await failure(regressed({}, outputs));
    expect([error.code, error.message]).toEqual(["INVALID_ARGUMENT", expect.stringContaining(message)]);
  });

  it("refuses a signature that takes no examples", async () => {
    const signature = { inputs: { x: anything }, outputs: { outputs: anything }, methodName: "" };
    const { manager } = await served(fakePredictor({ serving_default: signature }));
    const error = await failure(regress(manager, { model: "m", examples: [new Map()] }));
    expect(error.message).toBe(
      "m/3, signature serving_default: to regress takes a signature with one input, inputs; this one has x",
    );
  });
});

function tensorsOf(outputs: number[] | number[][]): NamedTensors {
  return { outputs: tensor(outputs) };
}
