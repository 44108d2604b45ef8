import { type Attribute, constantNode, type Edge, type Graph, type GraphNode } from "../graph/graph.js";
import { ACTIVATION, isFusedActivation, LEAKY_SLOPE } from "../kernels/activation.js";
import { type Affine, affineOf, chain } from "./affine.js";
import { type Linear, linearOf } from "./linear.js";

/**
 * Makes one operation of a convolution or product, what scales and shifts its channels (bias, batch norm), and the
 * activation: scales go into the weights, shifts into the bias. What is taken in must have no other consumer.
 */
export function fuse(graph: Graph): Graph {
  const nodes = new Map(graph);
  const consumers = consumersOf(graph);
  for (const node of graph.values()) {
    const linear = linearOf(node, graph);
    if (linear === undefined) continue;
    const taken = takeIn(linear, graph, consumers);
    if (taken !== undefined) for (const made of fusedNodes(linear, taken)) nodes.set(made.name, made);
  }
  return nodes;
}

interface Consumers {
  /** The node that takes a node's value, where it is only one and takes nothing but the first output. */
  readonly only: ReadonlyMap<string, GraphNode>;
  /** Nodes of which more than the first output is taken. */
  readonly several: ReadonlySet<string>;
}

function consumersOf(graph: Graph): Consumers {
  const only = new Map<string, GraphNode>();
  const shared = new Set<string>();
  const several = new Set<string>();
  for (const consumer of graph.values()) {
    for (const edge of consumer.inputs) {
      if (edge.output !== 0) several.add(edge.node);
      if (only.has(edge.node)) shared.add(edge.node);
      only.set(edge.node, consumer);
    }
  }
  for (const name of [...shared, ...several]) only.delete(name);
  return { only, several };
}

interface Taken {
  /** The node whose value the fused operation gives. */
  readonly last: GraphNode;
  readonly affine: Affine;
  readonly isScaled: boolean;
  readonly activation?: GraphNode;
}

function takeIn(linear: Linear, graph: Graph, { only, several }: Consumers): Taken | undefined {
  const { channels, rank } = linear;
  let affine: Affine = { scale: new Float64Array(channels).fill(1), offset: new Float64Array(channels) };
  let last = linear.node;
  for (let next = only.get(last.name); next !== undefined; next = only.get(last.name)) {
    if (several.has(next.name)) break;
    if (isFusedActivation(next.op)) {
      const isScaled = affine.scale.some((factor) => factor !== 1);
      return { last: next, affine, isScaled, activation: next };
    }
    const step = affineOf(next, { node: last.name, channels, rank }, graph);
    if (step === undefined) break;
    affine = chain(affine, step);
    last = next;
  }
  if (last === linear.node) return undefined;
  return { last, affine, isScaled: affine.scale.some((factor) => factor !== 1) };
}

function fusedNodes(linear: Linear, { last, affine, isScaled, activation }: Taken): GraphNode[] {
  const { node, channels, weights, weightsShape, channelOf, isTurned } = linear;
  const data = Float32Array.from(affine.offset);
  const bias = constantNode(`${last.name}/bias`, { dtype: "float32", shape: [channels], data });
  const attributes = new Map<string, Attribute>(node.attributes)
    .set("transpose_b", false)
    .set(ACTIVATION, new TextEncoder().encode(activation?.op ?? ""))
    .set(LEAKY_SLOPE, activation?.attributes.get("alpha") ?? 0.2);
  const fused = { name: last.name, op: linear.fusedOp, controls: [], attributes };
  const [x, filter] = node.inputs as readonly [Edge, Edge];
  const biasEdge = { node: bias.name, output: 0 };
  if (!isScaled && !isTurned) return [bias, { ...fused, inputs: [x, filter, biasEdge] }];
  const scaled = constantNode(`${last.name}/weights`, {
    dtype: "float32",
    shape: weightsShape,
    data: isScaled ? weights.map((weight, index) => weight * (affine.scale[channelOf(index)] ?? 1)) : weights,
  });
  return [bias, scaled, { ...fused, inputs: [x, { node: scaled.name, output: 0 }, biasEdge] }];
}
