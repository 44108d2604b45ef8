import { type Attribute, constantNode, type Edge, type Graph, type GraphNode } from "../graph/graph.js";
import { ACTIVATION, isFusedActivation, LEAKY_SLOPE } from "../kernels/activation.js";
import { type Affine, affineOf, chain } from "./affine.js";
import { type Linear, linearOf } from "./linear.js";
import { rankReshaped } from "./reshaping.js";

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
  /** The node whose value the fused operation gives, but for its shape. */
  readonly last: GraphNode;
  readonly affine: Affine;
  readonly activation?: GraphNode;
  /** What gives the value other shapes on the way, in order; it does so after the fused operation. */
  readonly reshapes: readonly GraphNode[];
}

function takeIn(linear: Linear, graph: Graph, { only, several }: Consumers): Taken | undefined {
  const { channels } = linear;
  let affine: Affine = { scale: new Float64Array(channels).fill(1), offset: new Float64Array(channels) };
  let { rank } = linear;
  let taken: Taken | undefined;
  const reshapes: GraphNode[] = [];
  let from = linear.node;
  for (let next = only.get(from.name); next !== undefined; next = only.get(from.name)) {
    if (several.has(next.name)) break;
    const value = { node: from.name, channels, rank };
    const reshaped = rankReshaped(next, value, graph);
    if (reshaped !== undefined) {
      reshapes.push(next);
      rank = reshaped;
    } else {
      if (isFusedActivation(next.op)) return { last: next, affine, activation: next, reshapes };
      const step = affineOf(next, value, graph);
      if (step === undefined) break;
      affine = chain(affine, step);
      taken = { last: next, affine, reshapes: [...reshapes] };
    }
    from = next;
  }
  return taken;
}

/** Names with a colon, which TensorFlow's nodes cannot have, so that none is taken already. */
function fusedNodes(linear: Linear, { last, affine, activation, reshapes }: Taken): GraphNode[] {
  const { node, channels, weights, weightsShape, channelOf, isTurned } = linear;
  const data = Float32Array.from(affine.offset);
  const bias = constantNode(`bias:${last.name}`, { dtype: "float32", shape: [channels], data });
  const attributes = new Map<string, Attribute>(node.attributes)
    .set("transpose_b", false)
    .set(ACTIVATION, new TextEncoder().encode(activation?.op ?? ""))
    .set(LEAKY_SLOPE, activation?.attributes.get("alpha") ?? 0.2);
  const [x, filter] = node.inputs as readonly [Edge, Edge];
  const isScaled = affine.scale.some((factor) => factor !== 1);
  const scaled = constantNode(`weights:${last.name}`, {
    dtype: "float32",
    shape: weightsShape,
    data: isScaled ? weights.map((weight, index) => weight * (affine.scale[channelOf(index)] ?? 1)) : weights,
  });
  const filterEdge = isScaled || isTurned ? first(scaled) : filter;
  const name = reshapes.length === 0 ? last.name : `fused:${last.name}`;
  const inputs = [x, filterEdge, first(bias)];
  const fused = { name, op: linear.fusedOp, inputs, controls: [], attributes };
  return [bias, scaled, fused, ...after(fused, reshapes, last.name)];
}

/** The reshapes, one after another; the last has the name of the node in whose place they are. */
function after(fused: GraphNode, reshapes: readonly GraphNode[], name: string): GraphNode[] {
  let from = fused;
  return reshapes.map((reshape, at) => {
    const own = at === reshapes.length - 1 ? name : reshape.name;
    from = { ...reshape, name: own, inputs: [first(from), ...reshape.inputs.slice(1)] };
    return from;
  });
}

function first({ name }: GraphNode): Edge {
  return { node: name, output: 0 };
}
