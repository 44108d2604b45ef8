import { type DType, sizeOf, type Tensor } from "@servable/core";
import { beforeAll, describe, expect, it } from "vitest";
import { largestError, tensorOf } from "../../testing/golden.js";
import { attributeDefaults, nodeOfCase, type OpCase, opCases } from "../../testing/op-cases.js";
import { OUTPUT_NAMES } from "../inline/output-names.js";
import type { Device } from "../run/device.js";
import { Value } from "../run/value.js";
import { wasmDevice } from "../run/wasm-device.js";
import { KERNELS } from "./registry.js";

const cases = opCases();

let device: Device;
beforeAll(async () => {
  device = await wasmDevice();
});

function run(each: OpCase, place: (value: Value) => void): readonly Tensor[] {
  const kernel = KERNELS.get(each.op)?.(nodeOfCase(each));
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
  complex64: 1e-5,
  complex128: 1e-9,
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

// SavedModels leave attributes out that are what the operation's definition says.
const stripped = cases.flatMap((each): OpCase[] => {
  const defaults = attributeDefaults()[each.op] ?? {};
  const kept = Object.entries(each.attributes).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(defaults[name]),
  );
  return kept.length === Object.keys(each.attributes).length ? [] : [{ ...each, attributes: Object.fromEntries(kept) }];
});

describe("and the same without the attributes that have their defaults", () => {
  it.each(stripped)("$name", (each) => {
    check(
      run(each, () => {}),
      each,
    );
  });
});

it("every kernel but those that only the compiler makes has a case", () => {
  // Operations on tables, lists and variants are held against TensorFlow in models, since they take no tensors: golden.test.ts.
  const untested = [...KERNELS.keys()].filter(
    (op) => !cases.some((each) => each.op === op) && !/^_|^(Tensor|EmptyTensor)(List|Array)|Table|Variant$/.test(op),
  );
  expect(untested.sort()).toEqual([
    "Assert",
    "Multinomial",
    "PlaceholderWithDefault",
    "PreventGradient",
    "RandomShuffle",
    "Snapshot",
    "StopGradient",
    "TruncatedNormal",
  ]);
  expect(
    cases.every(({ inputs }) =>
      inputs.every(({ shape, data }) => data.length % sizeOf(shape) === 0 || sizeOf(shape) === 0),
    ),
  ).toBe(true);
});

it("functions can name every output of an operation that has several", () => {
  const several = new Set(cases.flatMap(({ op, outputs }) => (outputs.length > 1 ? [op] : [])));
  // One list of outputs, which has one name.
  const lists = ["DecodeCSV", "DynamicPartition", "IdentityN", "ShapeN", "Split", "SplitV", "Unpack"];
  expect([...several].filter((op) => !(op in OUTPUT_NAMES) && !lists.includes(op))).toEqual([]);
});
