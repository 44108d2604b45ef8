import { sizeOf, type Tensor } from "@servable/core";
import { boolAttribute, textAttribute } from "../graph/attributes.js";
import type { Graph, GraphNode } from "../graph/graph.js";

/** An operation that is linear in its first input, with its weights known. */
export interface Linear {
  readonly node: GraphNode;
  /** The op that also adds a bias and applies an activation. */
  readonly fusedOp: string;
  /** Of the result, at least. */
  readonly rank: number;
  readonly channels: number;
  readonly weights: Float32Array;
  readonly weightsShape: readonly number[];
  /** Whether these are the node's weights transposed. */
  readonly isTurned: boolean;
  /** The output channel that the weight at an index goes to. */
  readonly channelOf: (index: number) => number;
}

const FUSED_OPS: Readonly<Record<string, string>> = {
  Conv2D: "_FusedConv2D",
  DepthwiseConv2dNative: "_FusedDepthwiseConv2dNative",
  BatchMatMul: "_FusedMatMul",
  BatchMatMulV2: "_FusedMatMul",
  MatMul: "_FusedMatMul",
};

/** What a node is as a linear operation; undefined if it is none, or its weights are not constant. */
export function linearOf(node: GraphNode, graph: Graph): Linear | undefined {
  const fusedOp = FUSED_OPS[node.op];
  const weights = graph.get(node.inputs[1]?.node ?? "")?.value;
  if (fusedOp === undefined || !isFloat(weights)) return undefined;
  const { shape, data } = weights;
  const base = { node, fusedOp, weights: data, weightsShape: shape, isTurned: false };
  const last = shape.at(-1) ?? 0;
  if (fusedOp === "_FusedMatMul") {
    const [transposeA, transposeB] = node.op === "MatMul" ? ["transpose_a", "transpose_b"] : ["adj_x", "adj_y"];
    // The device's fused product adds a wrong bias where it transposes; weights are transposed here, once.
    if (shape.length !== 2 || boolAttribute(node, transposeA, false)) return undefined;
    if (!boolAttribute(node, transposeB, false))
      return { ...base, rank: 2, channels: last, channelOf: (index) => index % last };
    const channels = shape[0] ?? 0;
    const turned = { weights: transposed(data, channels, last), weightsShape: [last, channels], isTurned: true };
    return { ...base, ...turned, rank: 2, channels, channelOf: (index) => index % channels };
  }
  // Channels that come second are not what constants are stretched along.
  if (shape.length !== 4 || textAttribute(node, "data_format", "NHWC") !== "NHWC") return undefined;
  // A depthwise filter is [H, W, C, M]; channel c × M + m of the output is the m-th of channel c of the input.
  const channels = node.op === "Conv2D" ? last : sizeOf(shape.slice(2));
  return { ...base, rank: 4, channels, channelOf: (index) => index % channels };
}

function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(data, (_, index) => data[(index % rows) * columns + Math.floor(index / rows)] ?? 0);
}

/** A float32 tensor. */
export interface FloatTensor extends Tensor {
  readonly data: Float32Array;
}

/** Whether a constant is of float32. */
export function isFloat(tensor: Tensor | undefined): tensor is FloatTensor {
  return tensor?.dtype === "float32" && tensor.data instanceof Float32Array;
}

/**
 * A constant as one number per channel, as it would be stretched over an output of `rank` dimensions with the channels
 * last; undefined if it is anything else.
 */
export function perChannel(tensor: Tensor | undefined, channels: number, rank: number): Float64Array | undefined {
  if (!isFloat(tensor) || tensor.shape.length > rank) return undefined;
  const { data, shape } = tensor;
  if (data.length === 1) return new Float64Array(channels).fill(data[0] ?? 0);
  return shape.at(-1) === channels && data.length === channels ? Float64Array.from(data) : undefined;
}
