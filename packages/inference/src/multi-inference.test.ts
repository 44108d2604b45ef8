import { tensor } from "@servable/core";
import { describe, expect, it } from "vitest";
import { classify } from "./classify.js";
import { CLASSIFY_METHOD, type InferenceTask, multiInference, REGRESS_METHOD } from "./multi-inference.js";
import { regress } from "./regress.js";
import { failure } from "./testing/failure.js";
import { goldenPredictor, textCalls } from "./testing/golden.js";
import { fakePredictor, served } from "./testing/served.js";

const inputs = { inputs: { dtype: "string", shape: [-1] } } as const;
const column = { dtype: "float32", shape: [-1, -1] } as const;
const heads = fakePredictor(
  {
    serving_default: { inputs, outputs: { scores: column }, methodName: CLASSIFY_METHOD },
    value: { inputs, outputs: { outputs: column }, methodName: REGRESS_METHOD },
  },
  async (_inputs, options) => ({ [options?.signature === "value" ? "outputs" : "scores"]: tensor([[2]]) }),
);
const examples = [new Map()];
const both: readonly InferenceTask[] = [
  { model: "m", signature: "value", method: REGRESS_METHOD },
  { model: "m", method: CLASSIFY_METHOD },
];

describe("multiInference", () => {
  it("gives what each call gives alone, in the order of the tasks", async () => {
    const { manager } = await served(heads);
    expect(await multiInference(manager, { tasks: both, examples })).toEqual({
      id: { name: "m", version: 3 },
      results: [
        await regress(manager, { model: "m", signature: "value", examples }),
        await classify(manager, { model: "m", examples }),
      ],
    });
  });

  it("gives what TensorFlow gives", async () => {
    const calls = textCalls().filter(({ signature }) => signature === "classify");
    const { manager } = await served(goldenPredictor(calls));
    const golden = calls[0]?.inputs["inputs"]?.data as readonly Uint8Array[];
    const tasks = [{ model: "m", signature: "classify", method: CLASSIFY_METHOD }];
    const { results } = await multiInference(manager, { tasks, examples: golden });
    expect(results).toEqual([await classify(manager, { model: "m", signature: "classify", examples: golden })]);
  });

  it("takes the version that the first task names", async () => {
    const { manager } = await served(heads);
    const [first, second] = both;
    const tasks = [
      { ...(first as InferenceTask), version: 3 },
      { ...(second as InferenceTask), version: 9 },
    ];
    expect((await multiInference(manager, { tasks, examples })).id.version).toBe(3);
    const error = await failure(multiInference(manager, { tasks: tasks.toReversed(), examples }));
    expect(error.code).toBe("NOT_FOUND");
  });

  it.each<[string, readonly InferenceTask[], string, string]>([
    ["no tasks", [], "INVALID_ARGUMENT", "needs at least one task"],
    ["a task without a model", [{ model: "", method: CLASSIFY_METHOD }], "INVALID_ARGUMENT", "the name of a model"],
    ["another model", [...both, { model: "n", signature: "a", method: "" }], "INVALID_ARGUMENT", "here are m and n"],
    [
      "a signature twice",
      [...both, { model: "m", signature: "serving_default", method: REGRESS_METHOD }],
      "INVALID_ARGUMENT",
      "signature serving_default is in two tasks",
    ],
    [
      "another method",
      [{ model: "m", method: "tensorflow/serving/predict" }],
      "UNSUPPORTED",
      "no method tensorflow/serving/predict; it has tensorflow/serving/classify and",
    ],
    [
      "an unknown signature",
      [{ model: "m", signature: "x", method: CLASSIFY_METHOD }],
      "INVALID_ARGUMENT",
      "signature x",
    ],
    [
      "a signature of the other kind",
      [{ model: "m", method: REGRESS_METHOD }],
      "INVALID_ARGUMENT",
      "one output, outputs",
    ],
  ])("refuses %s", async (_case, tasks, code, message) => {
    const { manager } = await served(heads);
    const error = await failure(multiInference(manager, { tasks, examples }));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(message)]);
  });

  it("runs nothing after a task that failed, and keeps the version until then", async () => {
    const asked: unknown[] = [];
    const { manager, released } = await served(
      fakePredictor(heads.signatures, async (_inputs, options) => {
        asked.push(options?.signature);
        throw new Error("boom");
      }),
    );
    expect((await failure(multiInference(manager, { tasks: both, examples }))).message).toBe("m/3: boom");
    expect(asked).toEqual(["value"]);
    await manager.close();
    expect(released()).toBe(1);
  });
});
