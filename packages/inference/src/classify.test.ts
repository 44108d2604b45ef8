import { makeTensor, type NamedTensors, type Signature, tensor, toNested } from "@servable/core";
import { decodeExample, type ExampleFeature, encodeExample } from "@servable/saved-model";
import { describe, expect, it } from "vitest";
import { classify } from "./classify.js";
import { failure } from "./testing/failure.js";
import { goldenPredictor, textCalls } from "./testing/golden.js";
import { fakePredictor, served } from "./testing/served.js";

const inputs = { inputs: { dtype: "string", shape: [-1] } } as const;
const classes = { dtype: "string", shape: [-1, -1] } as const;
const scores = { dtype: "float32", shape: [-1, -1] } as const;
const example = new Map<string, ExampleFeature>([["x", { kind: "float", values: Float32Array.of(1) }]]);

function signature(outputs: Signature["outputs"], taken: Signature["inputs"] = inputs): Signature {
  return { inputs: taken, outputs, methodName: "tensorflow/serving/classify" };
}

/** Classifies so many examples with a model that answers with these outputs. */
async function classified(answer: NamedTensors, count = 2, outputs: Signature["outputs"] = { classes, scores }) {
  const { manager } = await served(fakePredictor({ serving_default: signature(outputs) }, async () => ({ ...answer })));
  return classify(manager, { model: "m", examples: Array.from({ length: count }, () => example) });
}

describe("classify", () => {
  it("gives what TensorFlow gives, label by score", async () => {
    const calls = textCalls();
    const golden = calls.find((call) => call.signature === "classify");
    const { manager } = await served(goldenPredictor(calls));
    const examples = golden?.inputs["inputs"]?.data as readonly Uint8Array[];
    const { id, signature, classifications } = await classify(manager, { model: "m", signature: "classify", examples });
    expect([id, signature]).toEqual([{ name: "m", version: 3 }, "classify"]);
    const rows = toNested(golden?.outputs["scores"] ?? tensor([])) as number[][];
    expect(rows).toHaveLength(3);
    expect(classifications).toEqual(
      rows.map(([negative, positive]) => [
        { label: "negative", score: negative },
        { label: "positive", score: positive },
      ]),
    );
  });

  it("leaves labels empty, or scores 0, where the model does not give them", async () => {
    const labels = tensor([["a"], ["b"]]);
    const values = tensor([
      [0, 0.5],
      [1, 0],
    ]);
    expect((await classified({ classes: labels }, 2, { classes })).classifications).toEqual([
      [{ label: "a", score: 0 }],
      [{ label: "b", score: 0 }],
    ]);
    expect((await classified({ scores: values, more: values }, 2, { scores, more: scores })).classifications).toEqual([
      [
        { label: "", score: 0 },
        { label: "", score: 0.5 },
      ],
      [
        { label: "", score: 1 },
        { label: "", score: 0 },
      ],
    ]);
  });

  it("gives each example the context's features but those that it has itself", async () => {
    const seen: unknown[] = [];
    const { manager } = await served(
      fakePredictor({ serving_default: signature({ scores }) }, async ({ inputs }) => {
        seen.push(...((inputs?.data ?? []) as readonly Uint8Array[]).map(decodeExample));
        return { scores: makeTensor("float32", [2, 1], new Float32Array(2)) };
      }),
    );
    const own = new Map<string, ExampleFeature>([["a", { kind: "int64", values: BigInt64Array.of(1n) }]]);
    const context = new Map<string, ExampleFeature>([
      ["a", { kind: "int64", values: BigInt64Array.of(8n, 9n) }],
      ["b", { kind: "bytes", values: [Uint8Array.of(7)] }],
    ]);
    await classify(manager, { model: "m", examples: [encodeExample(own), new Map()], context });
    expect(seen).toEqual([new Map([...context, ...own]), context]);
  });

  it.each<[string, Signature, string]>([
    ["no input", signature({ scores }, {}), "takes a signature with one input, inputs; this one has none"],
    ["another input", signature({ scores }, { x: inputs.inputs }), "with one input, inputs; this one has x"],
    ["two inputs", signature({ scores }, { ...inputs, x: inputs.inputs }), "one input, inputs; this one has inputs, x"],
    ["a float input", signature({ scores }, { inputs: scores }), "input inputs needs dtype float32, got string"],
    ["other outputs", signature({ x: scores }), "with output classes, scores or both; this one has x"],
    ["three outputs", signature({ classes, scores, x: scores }), "or both; this one has classes, scores, x"],
    ["no outputs", signature({}), "or both; this one has none"],
  ])("refuses a signature with %s", async (_case, found, message) => {
    const { manager } = await served(fakePredictor({ serving_default: found }));
    const error = await failure(classify(manager, { model: "m", examples: [example] }));
    expect(error.code).toBe("INVALID_ARGUMENT");
    expect(error.message).toMatch(/^m\/3, signature serving_default: /);
    expect(error.message).toContain(message);
  });

  it.each<[string, NamedTensors, string]>([
    [
      "rank 1",
      { classes: tensor(["a", "b"]), scores: tensor([1, 2]) },
      "classes needs shape [batch, classes], got [2]",
    ],
    ["scores of rank 3", { classes: tensor([["a"], ["b"]]), scores: tensor([[[1]], [[2]]]) }, "scores needs shape"],
    ["classes as numbers", { classes: tensor([[1], [2]]), scores: tensor([[1], [2]]) }, "classes needs dtype string"],
    [
      "float64 scores",
      { classes: tensor([["a"], ["b"]]), scores: tensor([[1], [2]], "float64") },
      "scores needs dtype float32, got float64",
    ],
    ["fewer rows", { classes: tensor([["a"]]), scores: tensor([[1]]) }, "classes needs 2 rows, one an example, got 1"],
    ["more scores", { classes: tensor([["a"], ["b"]]), scores: tensor([[1], [2], [3]]) }, "scores needs 2 rows"],
    [
      "unequal width",
      {
        classes: tensor([["a"], ["b"]]),
        scores: tensor([
          [1, 1],
          [2, 2],
        ]),
      },
      "they have 1 and 2",
    ],
  ])("refuses outputs with %s", async (_case, answer, message) => {
    const error = await failure(classified(answer));
    expect([error.code, error.message]).toEqual(["INVALID_ARGUMENT", expect.stringContaining(message)]);
  });

  it("is INTERNAL when the predictor leaves an output out", async () => {
    const error = await failure(classified({ scores: tensor([[1], [2]]) }));
    expect([error.code, error.message]).toEqual(["INTERNAL", expect.stringContaining("did not give output classes")]);
  });

  it("refuses no examples, context or not, before the model runs", async () => {
    const { manager } = await served(fakePredictor({ serving_default: signature({ scores }) }));
    for (const input of [{ examples: [] }, { examples: [], context: example }]) {
      const error = await failure(classify(manager, { model: "m", ...input }));
      expect([error.code, error.message]).toEqual(["INVALID_ARGUMENT", expect.stringContaining("the input is empty")]);
    }
  });

  it("keeps empty tables, and reads labels that are no UTF-8", async () => {
    const none = makeTensor("float32", [2, 0], new Float32Array(0));
    expect((await classified({ scores: none }, 2, { scores })).classifications).toEqual([[], []]);
    const label = makeTensor("string", [1, 1], [Uint8Array.of(0xff)]);
    expect((await classified({ classes: label }, 1, { classes })).classifications).toEqual([
      [{ label: "\ufffd", score: 0 }],
    ]);
  });
});
