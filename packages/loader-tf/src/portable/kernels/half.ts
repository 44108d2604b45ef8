import type { DType, Tensor } from "@servable/core";
import { dataTypeCode } from "@servable/tf-proto";
import { typeAttribute } from "../graph/attributes.js";
import type { Attribute, GraphNode } from "../graph/graph.js";
import type { KernelFactory, KernelTable } from "../run/kernel.js";
import { Value } from "../run/value.js";
import { roundTo } from "./host/half.js";

/** The attributes that may say that an operation computes in a half type. */
const TYPES = ["T", "Ta", "Tb", "Tout", "U", "dtype"];

/** Whether a dtype is one of 16 bits. */
export function isHalf(dtype: DType): dtype is "float16" | "bfloat16" {
  return dtype === "float16" || dtype === "bfloat16";
}

/** Lets kernels for float32 do float16 and bfloat16 too: computed in float32, each result rounded to the nearest. */
export function withHalf(table: KernelTable): KernelTable {
  return Object.fromEntries(Object.entries(table).map(([op, factory]) => [op, halfToo(factory)]));
}

function halfToo(factory: KernelFactory): KernelFactory {
  return (node) => {
    const half = TYPES.map((name) => typeOf(node, name)).find((dtype) => dtype !== undefined && isHalf(dtype));
    if (half === undefined) return factory(node);
    const kernel = factory(widened(node));
    return (device, ...inputs) => {
      const wide = inputs.map((input) => (isHalf(input.dtype) ? retagged(input.host(), "float32") : input.host()));
      const values = wide.map((tensor) => Value.ofHost(tensor, device));
      const results = kernel(device, ...values);
      const narrow = results.map((result) => {
        const tensor = result.host();
        return Value.ofHost(tensor.dtype === "float32" ? rounded(tensor, half) : tensor, device);
      });
      for (const value of [...values, ...results]) value.release();
      return narrow;
    };
  };
}

function typeOf(node: GraphNode, name: string): DType | undefined {
  const attribute = node.attributes.get(name);
  return typeof attribute === "object" && "type" in attribute ? typeAttribute(node, name) : undefined;
}

/** The node as if its half types were float32. */
function widened(node: GraphNode): GraphNode {
  const attributes = new Map<string, Attribute>(node.attributes);
  for (const name of TYPES) {
    const dtype = typeOf(node, name);
    if (dtype !== undefined && isHalf(dtype)) attributes.set(name, { type: dataTypeCode("float32") });
  }
  return { ...node, attributes };
}

/** Half types are kept as float32 anyway. */
function retagged(tensor: Tensor, dtype: DType): Tensor {
  return { ...tensor, dtype };
}

function rounded({ shape, data }: Tensor, dtype: "float16" | "bfloat16"): Tensor {
  return { dtype, shape, data: roundTo(dtype, data as Float32Array) };
}
