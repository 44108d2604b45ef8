import type { DType } from "@servable/core";
import { typeAttribute } from "./attributes.js";
import type { GraphNode } from "./graph.js";
import { unsupported } from "./graph-error.js";

const INTEGERS: readonly DType[] = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"];

/** Sets of element types that kernels take. */
export const DTYPES: Readonly<
  Record<"any" | "carried" | "float32" | "floating" | "integers" | "numeric", readonly DType[]>
> = {
  float32: ["float32"],
  floating: ["float32", "float64"],
  integers: INTEGERS,
  /** What can be added and compared. */
  numeric: ["float32", "float64", ...INTEGERS],
  /** What can be moved about element by element. */
  any: ["float32", "float64", "float16", "bfloat16", "bool", "string", ...INTEGERS],
  /** What can be handed on as a whole. */
  carried: ["float32", "float64", "float16", "bfloat16", "bool", "string", "complex64", "complex128", ...INTEGERS],
};

/**
 * The element type that an attribute gives, if the kernel takes it. Saved models leave attributes out that have their
 * default: the first one `allowed` should be TensorFlow's, if the operation has one.
 * @throws ServingError UNSUPPORTED if the kernel does not take it
 */
export function dtypeAmong(node: GraphNode, name: string, allowed: readonly DType[]): DType {
  const dtype = typeAttribute(node, name, allowed[0]);
  if (allowed.includes(dtype)) return dtype;
  throw unsupported(`dtype ${dtype}`);
}
