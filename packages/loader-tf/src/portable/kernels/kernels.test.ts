import { readdirSync, readFileSync } from "node:fs";
import { type DType, sizeOf, type Tensor } from "@servable/core";
import type { DataType } from "@servable/tf-proto";
import { beforeAll, describe, expect, it } from "vitest";
import { largestError, tensorOf, type WrittenTensor } from "../../testing/golden.js";
import type { Attribute, GraphNode } from "../graph/graph.js";
import type { Device } from "../run/device.js";
import { Value } from "../run/value.js";
import { wasmDevice } from "../run/wasm-device.js";
import { KERNELS } from "./registry.js";

interface OpCase {
  readonly op: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, Record<string, unknown>>>;
  readonly inputs: readonly WrittenTensor[];
  readonly outputs: readonly WrittenTensor[];
}

// Made by TensorFlow: see make_ops.py and the other scripts beside them.
const folder = new URL("../../../test-data/", import.meta.url);
const files = ["ops.json", ...readdirSync(new URL("ops", folder)).map((name) => `ops/${name}`)];
const cases = files.flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as OpCase[]);

function attributeOf(written: Record<string, unknown>): Attribute {
  const [[kind, value] = ["", undefined]] = Object.entries(written);
  if (kind === "ints") return (value as string[]).map(BigInt);
  if (kind === "floats") return value as number[];
  if (kind === "types") return (value as DataType[]).map((type) => ({ type }));
  if (kind === "bytes") return new Uint8Array(Buffer.from(value as string, "base64"));
  if (kind === "shapes") return (value as (number[] | null)[]).map((shape) => ({ shape: shape ?? undefined }));
  if (kind === "int") return BigInt(value as string);
  if (kind === "text") return new TextEncoder().encode(value as string);
  if (kind === "type") return { type: value as DataType };
  if (kind === "shape") return { shape: (value as number[] | null) ?? undefined };
  return value as number | boolean;
}

function nodeOf({ op, name, attributes }: OpCase): GraphNode {
  const entries = Object.entries(attributes).map(([key, value]): [string, Attribute] => [key, attributeOf(value)]);
  return { name, op, inputs: [], controls: [], attributes: new Map(entries) };
}

let device: Device;
beforeAll(async () => {
  device = await wasmDevice();
});

function run(each: OpCase, place: (value: Value) => void): readonly Tensor[] {
  const kernel = KERNELS.get(each.op)?.(nodeOf(each));
  if (kernel === undefined) throw new Error(`no kernel for ${each.op}`);
  const inputs = each.inputs.map((written) => Value.ofHost(tensorOf(written), device));
  for (const value of inputs) place(value);
  const results = kernel(device, ...inputs);
  const tensors = results.map((value) => value.host());
  for (const value of [...inputs, ...results]) value.release();
  return tensors;
}

/** How far floats may be off, for the largest value of the result; half types have 11 and 8 bits. */
const TOLERANCES: Partial<Record<DType, number>> = {
  float64: 1e-9,
  float32: 1e-5,
  float16: 2e-3,
  bfloat16: 1.6e-2,
};

function check(found: readonly Tensor[], { outputs }: OpCase): void {
  // Outputs that are of no use outside of training are not written.
  expect(found.length).toBeGreaterThanOrEqual(outputs.length);
  for (const [index, written] of outputs.entries()) {
    const wanted = tensorOf(written);
    const tensor = found[index];
    const tolerance = TOLERANCES[wanted.dtype];
    if (tolerance === undefined) {
      expect(tensor).toEqual(wanted);
    } else {
      const finite = Array.from(wanted.data as Float32Array, Math.abs).filter(Number.isFinite);
      const scale = finite.reduce((largest, value) => Math.max(largest, value), 1);
      expect(largestError(tensor, wanted) / scale).toBeLessThanOrEqual(tolerance);
    }
  }
}

describe("kernels do what TensorFlow's operations do", () => {
  it.each(cases)("$name", (each) => {
    const before = device.tensorCount;
    check(
      run(each, () => {}),
      each,
    );
    expect(device.tensorCount).toBe(before);
  });
});

// XNNPACK's clamp, maximum and minimum make a number of what is none; see docs/compatibility.md.
const OTHERWISE_ON_DEVICE = ["Relu6 special", "Maximum specials", "Minimum specials"];
const onDevice = cases.filter(
  ({ inputs, name }) => inputs.some(({ dtype }) => dtype === "float32") && !OTHERWISE_ON_DEVICE.includes(name),
);

describe("and the same with their operands on the device", () => {
  it.each(onDevice)("$name", (each) => {
    const before = device.tensorCount;
    check(
      run(each, (value) => void (value.dtype === "float32" && value.device())),
      each,
    );
    expect(device.tensorCount).toBe(before);
  });
});

it("every kernel but those that only the compiler makes has a case", () => {
  const untested = [...KERNELS.keys()].filter((op) => !cases.some((each) => each.op === op) && !op.startsWith("_"));
  expect(untested.sort()).toEqual([
    "Assert",
    "BatchMatMul",
    "BatchMatMulV3",
    "Concat",
    "FusedBatchNorm",
    "FusedBatchNormV2",
    "PreventGradient",
    "Snapshot",
    "StopGradient",
  ]);
  expect(cases.every(({ inputs }) => inputs.every(({ shape, data }) => data.length === sizeOf(shape)))).toBe(true);
});
