import type { DType, Tensor } from "@servable/core";
import { dataTypeCode } from "@servable/tf-proto";
import type { Attribute, Graph, GraphNode } from "../portable/graph/graph.js";
import { constantNode, RESULT } from "../portable/graph/graph.js";

/** Attributes as a test writes them: numbers are ints, `{ float }` floats, text strings, DTypes `{ dtype }`. */
export type Written =
  | number
  | boolean
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly dtype: DType };

function attributeOf(value: Written): Attribute {
  if (typeof value === "number") return BigInt(value);
  if (typeof value === "string") return new TextEncoder().encode(value);
  if (typeof value === "boolean") return value;
  if ("float" in value) return value.float;
  if ("dtype" in value) return { type: dataTypeCode(value.dtype) };
  return value.map(BigInt);
}

/** A node that takes the first outputs of others, or `name:1`. */
export function node(
  op: string,
  name: string,
  {
    inputs = [],
    ...attributes
  }: { readonly inputs?: readonly string[] } & Readonly<Record<string, Written | readonly string[]>> = {},
): GraphNode {
  const edges = inputs.map((input) => {
    const [from = "", output = "0"] = input.split(":");
    return { node: from, output: Number(output) };
  });
  const entries = Object.entries(attributes).map(([key, value]): [string, Attribute] => [
    key,
    attributeOf(value as Written),
  ]);
  return { name, op, inputs: edges, controls: [], attributes: new Map(entries) };
}

/** A float32 constant. */
export function constant(name: string, shape: readonly number[], values: readonly number[]): GraphNode {
  const tensor: Tensor = { dtype: "float32", shape, data: Float32Array.from(values) };
  return constantNode(name, tensor);
}

/** A graph of the nodes; `results` become its results, named `result:x`. */
export function graphOf(nodes: readonly GraphNode[], results: readonly string[]): Graph {
  const marks = results.map((name) => node(RESULT, `result:${name}`, { inputs: [name] }));
  return new Map([...nodes, ...marks].map((each) => [each.name, each]));
}
