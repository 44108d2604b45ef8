import type { Tensor } from "@servable/core";
import { KERNELS } from "../../packages/loader-tf/src/portable/kernels/registry.js";
import type { Kernel } from "../../packages/loader-tf/src/portable/run/kernel.js";
import { Value } from "../../packages/loader-tf/src/portable/run/value.js";
import { tensorOf } from "../../packages/loader-tf/src/testing/golden.js";
import { hostOnlyDevice } from "../../packages/loader-tf/src/testing/host-only-device.js";
import { nodeOfCase, type OpCase, opCases } from "../../packages/loader-tf/src/testing/op-cases.js";

/** Asks the kernel of a case that TensorFlow was asked about, with other bytes as its first input. */
export type AskKernel = (bytes: Uint8Array) => readonly Tensor[];

/** The cases of an operation. */
export function casesOf(op: string): OpCase[] {
  return opCases().filter((each) => each.op === op);
}

/** The kernel of a case; its first input must be strings. */
export function kernelOfCase(opCase: OpCase): AskKernel {
  const make = KERNELS.get(opCase.op);
  if (make === undefined) throw new RangeError(`there is no kernel ${opCase.op}`);
  const kernel: Kernel = make(nodeOfCase(opCase));
  const [first, ...rest] = opCase.inputs.map((written) => Value.ofHost(tensorOf(written), hostOnlyDevice));
  const shape = first?.shape ?? [];
  return (bytes) => {
    const data = Array.from({ length: shape[0] ?? 1 }, () => bytes);
    const results = kernel(hostOnlyDevice, Value.ofHost({ dtype: "string", shape, data }, hostOnlyDevice), ...rest);
    return results.map((value) => value.host());
  };
}

/** The strings that cases have as their first input. */
export function firstInputs(cases: readonly OpCase[]): Uint8Array[] {
  const strings = cases.flatMap(({ inputs: [first] }) => (first === undefined ? [] : first.data.map(String)));
  return [...new Set(strings)].map((text) => new Uint8Array(Buffer.from(text, "base64")));
}
