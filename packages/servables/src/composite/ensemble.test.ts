import { makeTensor, type Predictor, type Tensor, tensor } from "@servable/core";
import { loadContext } from "@servable/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fakePredictor, type Specs, signature } from "../testing/fake-predictor.js";
import { mean, vote } from "./combine.js";
import { type EnsembleOptions, ensemble } from "./ensemble.js";

const id = { name: "all", version: 1 };
const inputs: Specs = { x: ["float32", [-1]] };
const call = { x: tensor([1]) };
const giving = (y: Tensor): Predictor =>
  fakePredictor(signature(inputs, { y: [y.dtype, undefined] }), async () => ({ y }));

async function load(
  combine: EnsembleOptions["combine"],
  servables: Record<string, Predictor>,
  signature?: string,
): Promise<Predictor> {
  const parts = Object.fromEntries(Object.keys(servables).map((name) => [name, { name }]));
  const loader = ensemble({ parts, combine, ...(signature !== undefined && { signature }) });
  return (await loader.load(loadContext({ id, servables }))).servable;
}

describe("an ensemble", () => {
  it("gives the mean", async () => {
    const servable = await load("mean", {
      a: giving(tensor([1, 2])),
      b: giving(tensor([2, 4])),
      c: giving(tensor([6, 0])),
    });
    expect(await servable.predict(call)).toEqual({ y: tensor([3, 2]) });
    expect(servable.signatures["serving_default"]?.outputs).toEqual({ y: { dtype: "float32", shape: undefined } });
  });

  it.each<[string, Tensor[], Tensor]>([
    ["integers", [tensor([1n, 5n]), tensor([2n, 6n]), tensor([2n, 5n])], tensor([2n, 5n])],
    ["texts", [tensor(["a", "b"]), tensor(["c", "b"]), tensor(["c", "bb"])], tensor(["c", "b"])],
    ["bools", [tensor([true]), tensor([false]), tensor([false])], tensor([false])],
    ["a tie, for the first", [tensor([3], "int32"), tensor([1], "int32"), tensor([2], "int32")], tensor([3], "int32")],
    ["a scalar", [tensor("a"), tensor("a")], tensor("a")],
  ])("votes on %s", async (_, given, expected) => {
    const servables = Object.fromEntries(given.map((each, index) => [`p${index}`, giving(each)]));
    expect(await (await load("vote", servables)).predict(call)).toEqual({ y: expected });
  });

  it("hands all answers to a function, with their names", async () => {
    const combine: EnsembleOptions["combine"] = async ({ a, b }, { outputs, signature }) => {
      expect([outputs, signature]).toEqual([["y"], "serving_default"]);
      return a?.["y"]?.data[0] === 1 ? (b ?? {}) : {};
    };
    const servable = await load(combine, { a: giving(tensor([1])), b: giving(tensor([7])) });
    expect(await servable.predict(call)).toEqual({ y: tensor([7]) });
  });

  it("serves the signature that is named", async () => {
    const predictor = { ...giving(tensor([1])), signatures: { scores: signature(inputs, { y: ["float32", [-1]] }) } };
    const servable = await load("mean", { a: predictor, b: predictor }, "scores");
    expect(Object.keys(servable.signatures)).toEqual(["scores"]);
    expect(await servable.predict(call, { signature: "scores" })).toEqual({ y: tensor([1]) });
  });

  const float = giving(tensor([1]));
  it.each<[string, EnsembleOptions["combine"], Record<string, Predictor>, string]>([
    [
      "other inputs",
      "mean",
      { a: float, b: fakePredictor(signature({ z: ["float32", [-1]] }, { y: ["float32", undefined] })) },
      "a and b have different inputs: x float32 [-1]; z float32 [-1]",
    ],
    [
      "other outputs",
      "mean",
      { a: float, b: giving(tensor([1n])) },
      "a and b have different outputs: y float32 of any shape; y int64",
    ],
    [
      "no such signature",
      "mean",
      { a: float, b: { ...float, signatures: { s: signature(inputs) } } },
      "b: b/1 has no signature serving_default; it has s",
    ],
    [
      "the mean of integers",
      "mean",
      { a: giving(tensor([1n])) },
      "output y is int64, which has no mean; combine the answers by a function",
    ],
    ["a vote on floats", "vote", { a: float }, "output y is float32, which has no vote"],
  ])("refuses %s when it is loaded", async (_, combine, servables, message) => {
    await expect(load(combine, servables)).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringContaining(`all/1: ${message}`),
    });
  });

  it("refuses answers that do not fit together, and names the part that fails or gives too little", async () => {
    const longer = await load("mean", { a: float, b: giving(tensor([1, 2])) });
    await expect(longer.predict(call)).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: "all/1: output y: the parts give tensors of different kinds: float32 [1] and float32 [2]",
    });
    const silent = await load("mean", { a: float, b: { ...float, predict: async () => ({}) } });
    await expect(silent.predict(call)).rejects.toThrow("all/1: b did not give output y");
    const failing = await load("mean", {
      a: float,
      b: { ...float, predict: () => Promise.reject(new Error("broken")) },
    });
    await expect(failing.predict(call)).rejects.toThrow("all/1: b: b/1: broken");
  });

  it("is refused at once without parts, or with an unknown way to combine", () => {
    expect(() => ensemble({ parts: {}, combine: "mean" })).toThrow("at least one part");
    expect(() => ensemble({ parts: { a: { name: "a" } }, combine: "median" as "mean" })).toThrow("not median");
  });
});

describe("combinations", () => {
  const rows = (element: fc.Arbitrary<number>): fc.Arbitrary<number[][]> =>
    fc
      .nat(5)
      .chain((size) =>
        fc.array(fc.array(element, { minLength: size, maxLength: size }), { minLength: 1, maxLength: 5 }),
      );

  it("mean lies between the least and the most, and of equals is the same", () => {
    fc.assert(
      fc.property(rows(fc.float({ noNaN: true, noDefaultInfinity: true })), (rows) => {
        const { data } = mean.combine(rows.map((row) => makeTensor("float32", [row.length], Float32Array.from(row))));
        for (const [index, value] of [...data].entries()) {
          const column = rows.map((row) => row[index] ?? 0);
          expect(Number(value)).toBeGreaterThanOrEqual(Math.min(...column));
          expect(Number(value)).toBeLessThanOrEqual(Math.max(...column));
        }
      }),
    );
  });

  it("vote gives what no other value is given more often than", () => {
    fc.assert(
      fc.property(rows(fc.integer({ min: -2, max: 2 })), (rows) => {
        const { data } = vote.combine(rows.map((row) => makeTensor("int32", [row.length], Int32Array.from(row))));
        for (const [index, value] of [...data].entries()) {
          const column = rows.map((row) => row[index]);
          const times = (wanted: unknown): number => column.filter((each) => each === wanted).length;
          expect(times(value)).toBe(Math.max(...column.map(times)));
          expect(column.find((each) => times(each) === times(value))).toBe(value);
        }
      }),
    );
  });
});
