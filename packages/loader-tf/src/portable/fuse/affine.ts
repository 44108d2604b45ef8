import { boolAttribute, floatAttribute, textAttribute } from "../graph/attributes.js";
import type { Graph, GraphNode } from "../graph/graph.js";
import { perChannel } from "./linear.js";
import type { Channels } from "./reshaping.js";

/** One number per channel each: x becomes x × scale + offset. */
export interface Affine {
  readonly scale: Float64Array;
  readonly offset: Float64Array;
}

/** What a node does to `operand`, if all it does is to scale and shift each channel by constants. */
export function affineOf(node: GraphNode, operand: Channels, graph: Graph): Affine | undefined {
  if (node.op.startsWith("FusedBatchNorm")) return batchNorm(node, operand, graph);
  const [first, second] = node.inputs;
  if (first === undefined || second === undefined || node.inputs.length !== 2) return undefined;
  const isFirst = first.node === operand.node;
  const constant = perChannel(graph.get((isFirst ? second : first).node)?.value, operand.channels, operand.rank);
  if (constant === undefined) return undefined;
  const none = { scale: constant.map(() => 1), offset: constant.map(() => 0) };
  switch (node.op) {
    case "BiasAdd":
      return isFirst && textAttribute(node, "data_format", "NHWC") === "NHWC"
        ? { ...none, offset: constant }
        : undefined;
    case "Add":
    case "AddV2":
      return { ...none, offset: constant };
    case "Sub":
      return isFirst ? { ...none, offset: constant.map((value) => -value) } : undefined;
    case "RealDiv":
      // What is divided by 0 becomes infinite or NaN; no weights do that.
      return isFirst && constant.every((value) => value !== 0)
        ? { ...none, scale: constant.map((value) => 1 / value) }
        : undefined;
    case "Mul":
      return { ...none, scale: constant };
    default:
      return undefined;
  }
}

function batchNorm(node: GraphNode, operand: Channels, graph: Graph): Affine | undefined {
  if (boolAttribute(node, "is_training", true) || textAttribute(node, "data_format", "NHWC") !== "NHWC")
    return undefined;
  if (node.inputs[0]?.node !== operand.node) return undefined;
  const constants = node.inputs.slice(1, 5).map((edge) => perChannel(graph.get(edge.node)?.value, operand.channels, 1));
  const [gamma, beta, mean, variance] = constants;
  if (gamma === undefined || beta === undefined || mean === undefined || variance === undefined) return undefined;
  const epsilon = floatAttribute(node, "epsilon", 1e-4);
  const scale = gamma.map((value, channel) => value / Math.sqrt((variance[channel] ?? 0) + epsilon));
  return { scale, offset: beta.map((value, channel) => value - (mean[channel] ?? 0) * (scale[channel] ?? 0)) };
}

/** First `one`, then `other`. */
export function chain(one: Affine, other: Affine): Affine {
  return {
    scale: one.scale.map((value, channel) => value * (other.scale[channel] ?? 1)),
    offset: one.offset.map((value, channel) => value * (other.scale[channel] ?? 1) + (other.offset[channel] ?? 0)),
  };
}
