import { sizeOf, type Tensor } from "@servable/core";
import { isPure, rootsOf } from "../graph/effects.js";
import { ARGUMENT, constantNode, type Edge, formatEdge, type Graph, type GraphNode, RESULT } from "../graph/graph.js";
import { topological } from "../graph/walk.js";

/** Runs one node on given inputs; undefined if it cannot be run, or not with these inputs. */
export type Evaluate = (node: GraphNode, inputs: readonly Tensor[]) => readonly Tensor[] | undefined;

/** A result this much larger than its inputs is cheaper to compute than to keep: a tensor of zeros, a range. */
const MAX_GROWTH = 4;
/** Results up to this many elements are kept, whatever they are made of. */
const SMALL = 65_536;

/** Puts the value of everything that depends on constants alone in its place. */
export function foldConstants(graph: Graph, evaluate: Evaluate): Graph {
  const nodes = new Map<string, GraphNode>();
  /** Constants by the edge that they replace. */
  const folded = new Map<string, string>();
  for (const node of topological(graph, rootsOf(graph))) {
    const inputs = node.inputs.map((edge) => redirect(edge, folded));
    const rewired = inputs.every((edge, index) => edge === node.inputs[index]) ? node : { ...node, inputs };
    const results = isFoldable(rewired) ? evaluateWith(rewired, { nodes, evaluate }) : undefined;
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

interface Folding {
  readonly nodes: Graph;
  readonly evaluate: Evaluate;
}

function evaluateWith(node: GraphNode, { nodes, evaluate }: Folding): readonly Tensor[] | undefined {
  const inputs = node.inputs.map((edge) => nodes.get(edge.node)?.value);
  const known = inputs.filter((value) => value !== undefined);
  if (known.length === 0 || known.length < inputs.length) return undefined;
  const results = evaluate(node, known);
  if (results === undefined || results.length === 0) return undefined;
  const size = (tensors: readonly Tensor[]): number => tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return size(results) <= Math.max(SMALL, MAX_GROWTH * size(known)) ? results : undefined;
}
