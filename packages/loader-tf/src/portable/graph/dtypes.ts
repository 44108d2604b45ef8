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

/** A type attribute that is left out where it is this. */
export interface TypeWithDefault {
  readonly name: string;
  readonly fallback: DType;
}

/**
 * The element type that an attribute gives, if the kernel takes it.
 * @param attribute by its name alone if it has no default, or float32
 * @throws ServingError UNSUPPORTED if it does not
 */
export function dtypeAmong(node: GraphNode, attribute: string | TypeWithDefault, allowed: readonly DType[]): DType {
  const { name, fallback } =
    typeof attribute === "string" ? { name: attribute, fallback: "float32" as const } : attribute;
  const dtype = typeAttribute(node, name, fallback);
  if (allowed.includes(dtype)) return dtype;
  throw unsupported(`dtype ${dtype}`);
}
