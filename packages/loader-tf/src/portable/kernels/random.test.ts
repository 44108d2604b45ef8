import type { DType, Tensor } from "@servable/core";
import { beforeAll, describe, expect, it } from "vitest";
import { constant, graphOf, node } from "../../testing/graphs.js";
import { foldConstants } from "../fold/fold-constants.js";
import type { Device } from "../run/device.js";
import { Value } from "../run/value.js";
import { wasmDevice } from "../run/wasm-device.js";
import { KERNELS } from "./registry.js";

let device: Device;
beforeAll(async () => {
  device = await wasmDevice();
});

function vector(dtype: DType, ...values: number[]): Tensor {
  if (dtype === "int32") return { dtype, shape: [values.length], data: Int32Array.from(values) };
  return { dtype, shape: [values.length], data: Float32Array.from(values) };
}

/** What the calls of one kernel give, one after the other. */
function calls(op: string, attributes: Parameters<typeof node>[2], inputs: readonly Tensor[]): () => number[] {
  const kernel = KERNELS.get(op)?.(node(op, "x", attributes));
  return () => {
    const [result] = kernel?.(device, ...inputs.map((tensor) => Value.ofHost(tensor, device))) ?? [];
    return Array.from(result?.host().data as ArrayLike<number>, Number);
  };
}

const SHAPE = vector("int32", 20_000);
const seeds = { seed: 3, seed2: 4, dtype: { dtype: "float32" } } as const;

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe("random operations with a state", () => {
  it.each(["RandomUniform", "RandomStandardNormal", "TruncatedNormal"])(
    "%s gives the same series for the same seeds, and other numbers with each call",
    (op) => {
      const [one, other] = [calls(op, seeds, [SHAPE]), calls(op, seeds, [SHAPE])];
      const [first, second] = [one(), one()];
      expect(other()).toEqual(first);
      expect(other()).toEqual(second);
      expect(second).not.toEqual(first);
    },
  );

  it("begin anywhere without seeds", () => {
    const unseeded = { dtype: { dtype: "float32" } } as const;
    expect(calls("RandomUniform", unseeded, [SHAPE])()).not.toEqual(calls("RandomUniform", unseeded, [SHAPE])());
  });

  it.each([
    ["RandomUniform", 0.5, 1 / 12, 0, 1],
    ["RandomStandardNormal", 0, 1, -7, 7],
    ["TruncatedNormal", 0, 0.774, -2, 2],
  ])("%s has its mean, variance and limits", (op, middle, variance, low, high) => {
    const values = calls(op, seeds, [SHAPE])();
    expect(mean(values)).toBeCloseTo(middle, 1);
    expect(mean(values.map((value) => (value - mean(values)) ** 2))).toBeCloseTo(variance, 1);
    expect(values.every((value) => value >= low && value < high)).toBe(true);
  });

  it("Multinomial draws classes as often as they weigh", () => {
    const logits: Tensor = {
      dtype: "float32",
      shape: [1, 3],
      data: Float32Array.of(Math.log(1), Math.log(2), Math.log(5)),
    };
    const count: Tensor = { dtype: "int32", shape: [], data: Int32Array.of(16_000) };
    const drawn = calls("Multinomial", { seed: 1 }, [logits, count])();
    for (const [label, share] of [1 / 8, 2 / 8, 5 / 8].entries()) {
      expect(drawn.filter((each) => each === label).length / drawn.length).toBeCloseTo(share, 1);
    }
  });

  it("RandomShuffle keeps all rows", () => {
    const rows = vector("int32", 1, 2, 3, 4, 5, 6, 7, 8, 9);
    const shuffled = calls("RandomShuffle", { seed: 1, T: { dtype: "int32" } }, [rows])();
    expect(shuffled).not.toEqual(Array.from(rows.data, Number));
    expect(shuffled.sort((a, b) => a - b)).toEqual(Array.from(rows.data, Number));
  });

  it("are not computed at load, whatever they depend on", () => {
    const graph = graphOf([constant("shape", [1], [2]), node("RandomUniform", "r", { inputs: ["shape"] })], ["r"]);
    const folded = foldConstants(graph, () => {
      throw new Error("was computed");
    });
    expect(folded.get("r")?.op).toBe("RandomUniform");
  });
});
