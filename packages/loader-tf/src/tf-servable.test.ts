import { type DType, type Tensor, tensor } from "@servable/core";
import { describe, expect, it } from "vitest";
import type { Call } from "./call.js";
import type { EngineModel } from "./engine/engine.js";
import { type TfInput, type TfServable, tfServable } from "./tf-servable.js";

const spec = (
  dtype: DType,
  shape?: readonly number[],
): { dtype: DType; shape: readonly number[] | undefined; tensorName: string } => ({
  dtype,
  shape,
  tensorName: "t:0",
});

function servable(run: EngineModel["run"] = async () => ({})): { servable: TfServable; calls: Call[] } {
  const calls: Call[] = [];
  const model: EngineModel = {
    signatures: {
      serving_default: {
        inputs: { x: spec("float32", [-1, 2, 3]), n: spec("int64", []) },
        outputs: { y: spec("float32") },
        methodName: "",
      },
      any: { inputs: { s: spec("string") }, outputs: { a: spec("float32"), b: spec("float32") }, methodName: "" },
      open: { inputs: { z: spec("float32", [-1, -1]) }, outputs: {}, methodName: "" },
    },
    resources: {},
    describe: () => ({}),
    concurrency: 2,
    run: (call, signal) => {
      calls.push(call);
      return run(call, signal);
    },
    close: async () => {},
  };
  return { servable: tfServable({ name: "m", version: 3 }, model), calls };
}

const six = [1, 2, 3, 4, 5, 6];
const n = 7n;

describe("inputs", () => {
  it.each<[string, TfInput, readonly number[]]>([
    ["a tensor", { dtype: "float32", shape: [1, 2, 3], data: Float32Array.from(six) }, [1, 2, 3]],
    [
      "nested arrays",
      [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
      [1, 2, 3],
    ],
    ["nested typed arrays", [[Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6)]], [1, 2, 3]],
    ["a typed array of all elements", Float32Array.from(six), [1, 2, 3]],
    ["no rows", { dtype: "float32", shape: [0, 2, 3], data: new Float32Array() }, [0, 2, 3]],
  ])("may be %s", async (_title, x, shape) => {
    const { servable: m, calls } = servable();
    await m.predict({ x, n });
    expect(calls[0]?.inputs["x"]).toEqual({
      dtype: "float32",
      shape,
      data: Float32Array.from(six.slice(0, shape[0] === 0 ? 0 : 6)),
    });
    expect(calls[0]?.inputs["n"]).toEqual(tensor(7n));
    expect(calls[0]?.outputs).toEqual(["y"]);
  });

  it.each<[string, Record<string, TfInput>, string]>([
    ["one is missing", { n }, "input x of signature serving_default is missing"],
    ["one is unknown", { x: [[six.slice(0, 3), six.slice(3)]], n, X: 1 }, "has no input X; it takes x, n"],
    ["one is inherited", { __proto__: null, toString: 1 } as never, "has no input toString"],
    [
      "the dtype differs",
      {
        x: tensor(
          [
            [
              [1, 2, 3],
              [4, 5, 6],
            ],
          ],
          "float64",
        ),
        n,
      },
      "input x needs dtype float32, got float64",
    ],
    ["the rank differs", { x: [[1, 2, 3]], n }, "input x needs shape [?, 2, 3], got [1, 3]"],
    [
      "a size differs",
      {
        x: [
          [
            [1, 2],
            [3, 4],
          ],
        ],
        n,
      },
      "input x needs shape [?, 2, 3], got [1, 2, 2]",
    ],
    [
      "the values are ragged",
      {
        x: [
          [
            [1, 2, 3],
            [4, 5],
          ],
        ],
        n,
      },
      "input x: the values are ragged",
    ],
    [
      "a value has the wrong type",
      {
        x: [
          [
            ["a", "b", "c"],
            ["d", "e", "f"],
          ],
        ],
        n,
      },
      "input x: string a does not fit",
    ],
    [
      "the elements do not fill the shape",
      { x: Float32Array.of(1, 2), n },
      "input x: 2 values do not tell how shape [?, 2, 3]",
    ],
    [
      "a tensor has too few values",
      { x: { dtype: "float32", shape: [1, 2, 3], data: new Float32Array(2) }, n },
      "input x: ",
    ],
  ])("are refused where %s", async (_title, inputs, message) => {
    const { servable: m, calls } = servable();
    const call = m.predict(inputs);
    await expect(call).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await expect(call).rejects.toThrow(message);
    await expect(call).rejects.toThrow(/^m\/3: /);
    expect(calls).toEqual([]);
  });

  it("must say their shape where more than one size is open", async () => {
    const call = servable().servable.predict({ z: new Float32Array(6) }, { signature: "open" });
    await expect(call).rejects.toThrow("6 values do not tell how shape [?, ?] is filled; give a tensor with its shape");
  });

  it("may have any rank where the signature leaves it open", async () => {
    const { servable: m, calls } = servable();
    for (const s of ["a", ["a"], [["a"]]]) await m.predict({ s }, { signature: "any", outputs: ["b", "b"] });
    expect(calls.map(({ inputs }) => inputs["s"]?.shape)).toEqual([[], [1], [1, 1]]);
    expect(calls[0]?.outputs).toEqual(["b"]);
  });
});

describe("errors", () => {
  it.each([
    [{ signature: "other" }, "there is no signature other; the model has serving_default, any, open"],
    [{ signature: "constructor" }, "there is no signature constructor"],
    [{ signature: "any", outputs: ["c"] }, "signature any has no output c; it gives a, b"],
  ])("name the servable: %j", async (options, message) => {
    const call = servable().servable.predict({ s: "a" }, options);
    await expect(call).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/^m\/3: /) as string,
    });
    await expect(call).rejects.toThrow(message);
  });

  it("are CANCELLED where the caller aborts, before or during the run", async () => {
    const aborted = servable().servable.predict({ s: "a" }, { signature: "any", signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ code: "CANCELLED" });
    const controller = new AbortController();
    const { servable: m } = servable(
      (_call, signal) =>
        new Promise<Record<string, Tensor>>((_, reject) =>
          signal?.addEventListener("abort", () => reject(signal.reason)),
        ),
    );
    const call = m.predict({ s: "a" }, { signature: "any", signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
