import { textAttribute } from "../graph/attributes.js";
import type { GraphNode } from "../graph/graph.js";
import { unsupported } from "../graph/graph-error.js";

/** Activations that the device's fused kernels apply, by TensorFlow's name of the op. */
export const FUSED_ACTIVATIONS: Readonly<Record<"Relu" | "Relu6", string>> = { Relu: "relu", Relu6: "relu6" };

/** An op that a fused kernel can apply at its end. */
export type FusedActivation = keyof typeof FUSED_ACTIVATIONS;

/** Whether an op is such an activation. */
export function isFusedActivation(op: string): op is FusedActivation {
  return Object.hasOwn(FUSED_ACTIVATIONS, op);
}

/** The attribute that holds the activation of a fused node. */
export const ACTIVATION = "activation";

/** The device's word for the activation of a fused node. */
export function activationOf(node: GraphNode): string {
  const op = textAttribute(node, ACTIVATION, "");
  if (op === "") return "linear";
  if (isFusedActivation(op)) return FUSED_ACTIVATIONS[op];
  throw unsupported(`${ACTIVATION} ${op}`);
}
