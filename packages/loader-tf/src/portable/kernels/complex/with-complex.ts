import type { DType } from "@servable/core";
import { dataTypeName } from "@servable/tf-proto";
import type { GraphNode } from "../../graph/graph.js";
import type { KernelFactory, KernelTable } from "../../run/kernel.js";
import { ON_COMPLEX } from "./elementwise.js";
import { linear, product } from "./part-wise.js";
import { isComplex } from "./parts.js";

/** Operations that do with each part of a number what they do with a number. */
const LINEAR: ReadonlySet<string> = new Set([
  "Add",
  "AddN",
  "AddV2",
  "BroadcastTo",
  "Concat",
  "ConcatV2",
  "Cumsum",
  "Fill",
  "Gather",
  "GatherNd",
  "GatherV2",
  "Mean",
  "MirrorPad",
  "Neg",
  "Pack",
  "Pad",
  "PadV2",
  "Reverse",
  "ReverseV2",
  "Roll",
  "Select",
  "SelectV2",
  "Slice",
  "Split",
  "SplitV",
  "StridedSlice",
  "Sub",
  "Sum",
  "Tile",
  "Transpose",
  "Unpack",
  "ZerosLike",
]);

const PRODUCTS: ReadonlySet<string> = new Set(["BatchMatMul", "BatchMatMulV2", "Einsum", "MatMul", "Mul"]);

/** Lets operations of floats do complex numbers too, where that makes sense. */
export function withComplex(table: KernelTable): KernelTable {
  return Object.fromEntries(Object.entries(table).map(([op, factory]) => [op, complexToo(op, factory)]));
}

function complexToo(op: string, factory: KernelFactory): KernelFactory {
  const own = LINEAR.has(op) ? linear(factory) : PRODUCTS.has(op) ? product(factory) : ON_COMPLEX[op];
  if (own === undefined) return factory;
  return (node) => (isComplex(elementType(node) ?? "float32") ? own(node) : factory(node));
}

/** The element type, which gathering calls otherwise. */
function elementType(node: GraphNode): DType | undefined {
  const attribute = node.attributes.get("T") ?? node.attributes.get("Tparams");
  return typeof attribute === "object" && "type" in attribute ? dataTypeName(attribute.type) : undefined;
}
