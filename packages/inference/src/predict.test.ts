import { makeTensor, type Predictor, ServingError, type Signature, type Tensor, tensor } from "@servable/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { predict } from "./predict.js";
import { failure } from "./testing/failure.js";
import { fakePredictor, served } from "./testing/served.js";

const signature: Signature = {
  inputs: { image: { dtype: "float32", shape: [-1, 2] }, note: { dtype: "string", shape: undefined } },
  outputs: { score: { dtype: "float32", shape: [-1] }, label: { dtype: "string", shape: [-1] } },
  methodName: "tensorflow/serving/predict",
};
const image = tensor([[1, 2]]);
const note = tensor("n");
const score = tensor([1]);
const label = tensor(["a"]);
const answers = fakePredictor({ serving_default: signature, other: signature }, async () => ({ score, label }));

describe("predict", () => {
  it.each([
    [undefined, "serving_default"],
    ["", "serving_default"],
    ["other", "other"],
  ])("takes signature %o for %s, and hands its name on", async (given, name) => {
    const seen: unknown[] = [];
    const { manager } = await served(
      fakePredictor(answers.signatures, async (_inputs, options) => {
        seen.push(options?.signature, options?.outputs);
        return { score, label };
      }),
    );
    const request = { model: "m", ...(given !== undefined && { signature: given }), decode: () => ({ image, note }) };
    expect(await predict(manager, request)).toEqual({
      id: { name: "m", version: 3 },
      signature: name,
      outputs: { score, label },
    });
    expect(seen).toEqual([name, ["score", "label"]]);
  });

  it.each<[string, Record<string, Tensor>, string]>([
    ["a missing input", { image }, "input note is missing; it takes image, note"],
    ["an unknown input", { image, note, nope: note }, "there is no input nope; it takes image, note"],
    ["a name that every object inherits", { image, note, toString: note }, "there is no input toString"],
    ["another dtype", { image: tensor([[1, 2]], "float64"), note }, "input image needs dtype float32, got float64"],
    ["another rank", { image: tensor([1, 2]), note }, "input image needs shape [?, 2], got [2]"],
    ["another size", { image: tensor([[1, 2, 3]]), note }, "input image needs shape [?, 2], got [1, 3]"],
  ])("refuses %s by the name of model, version, signature and input", async (_case, inputs, message) => {
    const { manager } = await served(answers);
    const error = await failure(predict(manager, { model: "m", decode: () => inputs }));
    expect([error.code, error.message.startsWith("m/3, signature serving_default: ")]).toEqual([
      "INVALID_ARGUMENT",
      true,
    ]);
    expect(error.message).toContain(message);
  });

  it("gives only the outputs asked for, and drops what the signature does not have", async () => {
    const { manager } = await served(fakePredictor(answers.signatures, async () => ({ score, label, secret: score })));
    const request = { model: "m", decode: () => ({ image, note }) };
    expect((await predict(manager, { ...request, outputs: ["label"] })).outputs).toEqual({ label });
    expect(Object.keys((await predict(manager, { ...request, outputs: [] })).outputs)).toEqual(["score", "label"]);
  });

  it.each<[string, Partial<Parameters<typeof predict>[1]>, string, string]>([
    [
      "unknown signature",
      { signature: "nope" },
      "INVALID_ARGUMENT",
      "m/3 has no signature nope; it has other, serving_",
    ],
    ["inherited signature", { signature: "constructor" }, "INVALID_ARGUMENT", "has no signature constructor"],
    ["unknown output", { outputs: ["nope"] }, "INVALID_ARGUMENT", "no output nope; it gives label, score"],
    ["output asked twice", { outputs: ["score", "score"] }, "INVALID_ARGUMENT", "output score is asked for twice"],
    ["unknown model", { model: "n" }, "NOT_FOUND", "no model is named n; there is m"],
    ["unknown version", { version: 4 }, "NOT_FOUND", "m has no version 4"],
    ["impossible version", { version: 1.5 }, "INVALID_ARGUMENT", "1.5 is not a version"],
    ["label", { label: "stable" }, "NOT_FOUND", "has no label stable"],
    ["label beside version", { label: "stable", version: 3 }, "INVALID_ARGUMENT", "exclude each other"],
  ])("refuses an %s", async (_case, change, code, message) => {
    const { manager } = await served(answers);
    const error = await failure(predict(manager, { model: "m", decode: () => ({ image, note }), ...change }));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(message)]);
  });

  it.each([undefined, null, 7, "text", {}, { predict() {} }, { signatures: {} }, new Map()])(
    "refuses a servable that is no predictor: %o",
    async (servable) => {
      const { manager } = await served(servable);
      const error = await failure(predict(manager, { model: "m", decode: () => ({}) }));
      expect([error.code, error.message]).toEqual([
        "INVALID_ARGUMENT",
        expect.stringContaining("m/3 cannot be called"),
      ]);
    },
  );

  it.each<[string, Record<string, unknown>, string]>([
    ["leaves an output out", { score }, "did not give output label"],
    ["gives what is no tensor", { score, label: 5 }, "gave output label as no tensor"],
    ["gives null", { score, label: null }, "gave output label as no tensor"],
    ["gives fewer values than the shape", { score: { ...score, shape: [2] }, label }, "wants 2 values, got 1"],
    ["gives an unheard-of dtype", { score: { ...score, dtype: "float8" }, label }, "gave output score as no tensor"],
  ])("is INTERNAL when the predictor %s", async (_case, outputs, message) => {
    const { manager } = await served(fakePredictor(answers.signatures, async () => outputs as Record<string, Tensor>));
    const error = await failure(predict(manager, { model: "m", decode: () => ({ image, note }) }));
    expect([error.code, error.message]).toEqual(["INTERNAL", expect.stringContaining(message)]);
  });

  it("names the model before what decode says, and keeps its code and cause", async () => {
    const { manager } = await served(answers);
    const cause = new ServingError("RESOURCE_EXHAUSTED", "too much");
    const decode = (): never => {
      throw cause;
    };
    const error = await failure(predict(manager, { model: "m", decode }));
    expect(error).toMatchObject({ code: cause.code, message: "m/3, signature serving_default: too much", cause });
  });

  it("turns what a predictor throws into INTERNAL by name, and leaves a ServingError as it is", async () => {
    const own = new ServingError("DATA_LOSS", "gone");
    const thrown: unknown[] = [new Error("boom"), "text", own];
    const { manager } = await served(
      fakePredictor(answers.signatures, async () => {
        throw thrown.shift();
      }),
    );
    const once = (): Promise<ServingError> =>
      failure(predict(manager, { model: "m", decode: () => ({ image, note }) }));
    expect(await once()).toMatchObject({ code: "INTERNAL", message: "m/3: boom" });
    expect(await once()).toMatchObject({ code: "INTERNAL", message: "m/3: text" });
    expect(await once()).toBe(own);
  });

  it.each([
    [new Error("left"), "CANCELLED"],
    [new DOMException("late", "TimeoutError"), "DEADLINE_EXCEEDED"],
    [new ServingError("RESOURCE_EXHAUSTED", "full"), "RESOURCE_EXHAUSTED"],
  ])("tells an abort by its reason: %s is %s", async (reason, code) => {
    const abort = new AbortController();
    const { manager } = await served(
      fakePredictor(answers.signatures, async (_inputs, options) => {
        abort.abort(reason);
        options?.signal?.throwIfAborted();
        return {};
      }),
    );
    const request = { model: "m", decode: () => ({ image, note }), signal: abort.signal };
    expect((await failure(predict(manager, request))).code).toBe(code);
    expect((await failure(predict(manager, request))).code, "before the predictor is asked").toBe(code);
  });

  it("keeps the version loaded until the call has settled, well or badly", async () => {
    const gates: PromiseWithGate[] = [];
    const waiting: Predictor["predict"] = () => {
      const gate = withGate();
      gates.push(gate);
      return gate.promise;
    };
    const { manager, released } = await served(fakePredictor(answers.signatures, waiting));
    const calls = [1, 2].map(() => predict(manager, { model: "m", decode: () => ({ image, note }) }));
    const closed = manager.close();
    await new Promise((resolve) => setImmediate(resolve));
    gates[0]?.settle(() => ({ score, label }));
    await calls[0];
    expect(released()).toBe(0);
    gates[1]?.settle(() => {
      throw new Error("boom");
    });
    await failure(calls[1] ?? Promise.resolve());
    await closed;
    expect(released()).toBe(1);
  });

  it("lets a tensor through exactly when each size is the signature's or free", async () => {
    const sizes = fc.array(fc.constantFrom(-1, 0, 1, 2), { maxLength: 3 });
    const shapes = fc.array(fc.nat(2), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(sizes, shapes, async (wanted, shape) => {
        const { manager } = await served(
          fakePredictor({
            serving_default: { inputs: { x: { dtype: "bool", shape: wanted } }, outputs: {}, methodName: "" },
          }),
        );
        const x = makeTensor("bool", shape, new Uint8Array(shape.reduce((a, b) => a * b, 1)));
        const went = await predict(manager, { model: "m", decode: () => ({ x }) }).then(
          () => true,
          () => false,
        );
        expect(went).toBe(wanted.length === shape.length && wanted.every((size, i) => size < 0 || size === shape[i]));
        await manager.close();
      }),
    );
  });
});

interface PromiseWithGate {
  readonly promise: Promise<Record<string, Tensor>>;
  settle(how: () => Record<string, Tensor>): void;
}

function withGate(): PromiseWithGate {
  let settle = (_how: () => Record<string, Tensor>): void => {};
  const promise = new Promise<() => Record<string, Tensor>>((resolve) => {
    settle = resolve;
  }).then((how) => how());
  return { promise, settle: (how) => settle(how) };
}
