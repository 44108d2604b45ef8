import type { DType, Tensor } from "@servable/core";
import { dataTypeCode } from "@servable/tf-proto";
import type { Attribute } from "../portable/graph/graph.js";
import { KERNELS } from "../portable/kernels/registry.js";
import { Value } from "../portable/run/value.js";
import { hostOnlyDevice } from "./host-only-device.js";

/** Runs one operation on the host. */
export function runKernel(
  op: string,
  inputs: readonly Tensor[],
  attributes: Readonly<Record<string, Attribute>> = {},
): Tensor[] {
  const node = { op, name: "n", inputs: [], controls: [], attributes: new Map(Object.entries(attributes)) };
  const values = inputs.map((input) => Value.ofHost(input, hostOnlyDevice));
  return (KERNELS.get(op)?.(node)(hostOnlyDevice, ...values) ?? []).map((value) => value.host());
}

/** A type attribute. */
export function type(dtype: DType): Attribute {
  return { type: dataTypeCode(dtype) };
}

/** A tensor of int64; a vector if no shape is given. */
export function longs(values: readonly number[], shape: readonly number[] = [values.length]): Tensor {
  return { dtype: "int64", shape, data: BigInt64Array.from(values, BigInt) };
}

/** A vector of float32. */
export function floats(values: readonly number[]): Tensor {
  return { dtype: "float32", shape: [values.length], data: Float32Array.from(values) };
}

/** The elements as numbers. */
export function numbersOf(tensor: Tensor | undefined): number[] {
  return Array.from(tensor?.data ?? [], Number);
}
