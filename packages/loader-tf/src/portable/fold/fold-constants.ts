import type { Tensor } from "@servable/core";
import { isPure, rootsOf } from "../graph/effects.js";
import { ARGUMENT, constantNode, type Edge, formatEdge, type Graph, type GraphNode, RESULT } from "../graph/graph.js";
import { topological } from "../graph/walk.js";
import { bytesFor, withAllowance } from "../kernels/host/allowance.js";

/** Runs one node on given inputs; undefined if it cannot be run, or not with these inputs. */
export type Evaluate = (node: GraphNode, inputs: readonly Tensor[]) => readonly Tensor[] | undefined;

/** A result this much larger than its inputs is cheaper to compute than to keep: a tensor of zeros, a range. */
const MAX_GROWTH = 4;
/** Results up to this many bytes are kept, whatever they are made of. */
const SMALL = 2 ** 18;
/** On the way to a result kernels take more than it takes itself: sums in float64, lists of indices. */
const WORK_FACTOR = 16;
/** Results that grow from each other could fill the memory, and many small ones take for ever: what all may take. */
const MAX_WORK = 2 ** 29;

/** Puts the value of everything that depends on constants alone in its place. */
export function foldConstants(graph: Graph, evaluate: Evaluate): Graph {
  const nodes = new Map<string, GraphNode>();
  /** Constants by the edge that they replace. */
  const folded = new Map<string, string>();
  let work = MAX_WORK;
  for (const node of topological(graph, rootsOf(graph))) {
    const inputs = node.inputs.map((edge) => redirect(edge, folded));
    const rewired = inputs.every((edge, index) => edge === node.inputs[index]) ? node : { ...node, inputs };
    const inputsOf = isFoldable(rewired) ? knownInputs(rewired, nodes) : undefined;
    const results = inputsOf && work > 0 ? evaluateWith(rewired, inputsOf, evaluate) : undefined;
    work -= bytesOf(inputsOf ?? []) + bytesOf(results ?? []);
    if (results === undefined) {
      nodes.set(node.name, rewired);
      continue;
    }
    for (const [output, value] of results.entries()) {
      const name = output === 0 ? node.name : `constant:${node.name}:${output}`;
      nodes.set(name, constantNode(name, value));
      if (output > 0) folded.set(formatEdge({ node: node.name, output }), name);
    }
  }
  return nodes;
}

function redirect(edge: Edge, folded: ReadonlyMap<string, string>): Edge {
  const constant = edge.output === 0 ? undefined : folded.get(formatEdge(edge));
  return constant === undefined ? edge : { node: constant, output: 0 };
}

function isFoldable(node: GraphNode): boolean {
  return node.value === undefined && node.op !== RESULT && node.op !== ARGUMENT && isPure(node);
}

/** The values of all inputs; undefined if one is not known, or if there are none. */
function knownInputs(node: GraphNode, nodes: Graph): readonly Tensor[] | undefined {
  const inputs = node.inputs.map((edge) => nodes.get(edge.node)?.value);
  const known = inputs.filter((value) => value !== undefined);
  return known.length > 0 && known.length === inputs.length ? known : undefined;
}

function evaluateWith(node: GraphNode, inputs: readonly Tensor[], evaluate: Evaluate): readonly Tensor[] | undefined {
  const limit = Math.max(SMALL, MAX_GROWTH * bytesOf(inputs));
  const results = withAllowance(WORK_FACTOR * limit, () => evaluate(node, inputs));
  return results !== undefined && results.length > 0 && bytesOf(results) <= limit ? results : undefined;
}

function bytesOf(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, { dtype, data }) => {
    if (ArrayBuffer.isView(data)) return sum + data.byteLength;
    return data.reduce((total, { length }) => total + length, sum + bytesFor(dtype, data.length));
  }, 0);
}
