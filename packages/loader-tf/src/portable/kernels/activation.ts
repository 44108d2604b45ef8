import { floatAttribute, textAttribute } from "../graph/attributes.js";
import type { GraphNode } from "../graph/graph.js";
import { unsupported } from "../graph/graph-error.js";

/** Activations that the device's fused kernels apply, by TensorFlow's name of the op. */
const FUSED_ACTIVATIONS: Readonly<Record<string, string>> = {
  Elu: "elu",
  LeakyRelu: "leakyrelu",
  Relu: "relu",
  Relu6: "relu6",
  Sigmoid: "sigmoid",
};

/** Whether a fused kernel can apply an op at its end. */
export function isFusedActivation(op: string): boolean {
  return Object.hasOwn(FUSED_ACTIVATIONS, op);
}

/** The attribute that holds the activation of a fused node. */
export const ACTIVATION = "activation";

/** The attribute that holds the slope of a fused leaky relu below 0. */
export const LEAKY_SLOPE = "leakyrelu_alpha";

/** The activation of a fused node in the device's words; a type, so that it goes for attributes. */
export type DeviceActivation = { readonly activation: string; readonly leakyreluAlpha: number };

/** What the fused kernel of a node does at its end. @throws ServingError UNSUPPORTED for what it cannot do */
export function activationOf(node: GraphNode): DeviceActivation {
  const op = textAttribute(node, ACTIVATION, "");
  const leakyreluAlpha = floatAttribute(node, LEAKY_SLOPE, 0.2);
  if (op === "") return { activation: "linear", leakyreluAlpha };
  const activation = FUSED_ACTIVATIONS[op];
  if (activation === undefined) throw unsupported(`${ACTIVATION} ${op}`);
  return { activation, leakyreluAlpha };
}
