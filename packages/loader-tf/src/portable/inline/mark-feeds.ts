import { ARGUMENT, type Edge, formatEdge, type Graph, type GraphNode, NO_ATTRIBUTES } from "../graph/graph.js";
import { parseReference } from "./reference.js";

const PLACEHOLDERS: ReadonlySet<string> = new Set(["Placeholder", "PlaceholderV2", "PlaceholderWithDefault"]);

/** Makes {@link markFeeds}'s name of the node that a tensor is fed to: `serving_default_x:0` -> `serving_default_x`. */
export function feedNode(tensorName: string): Edge {
  const reference = parseReference(tensorName);
  return { node: reference.node, output: reference.control ? 0 : reference.index };
}

/**
 * Makes each fed tensor a node of op {@link ARGUMENT}, which passes leave alone. Placeholders become one in place; a
 * tensor that the graph computes itself gets one of its own, of the tensor's name, that all its consumers take.
 */
export function markFeeds(graph: Graph, tensorNames: Iterable<string>): { graph: Graph; feeds: Map<string, string> } {
  const nodes = new Map(graph);
  const feeds = new Map<string, string>();
  const moved = new Map<string, string>();
  for (const tensorName of tensorNames) {
    const edge = feedNode(tensorName);
    const node = nodes.get(edge.node);
    // What no result needs is not in the graph; feeding it changes nothing.
    if (node === undefined) continue;
    if (PLACEHOLDERS.has(node.op) || node.op === ARGUMENT) {
      nodes.set(node.name, { ...node, op: ARGUMENT });
      feeds.set(tensorName, node.name);
    } else {
      moved.set(formatEdge(edge), formatEdge(edge));
      feeds.set(tensorName, formatEdge(edge));
    }
  }
  if (moved.size === 0) return { graph: nodes, feeds };
  const rewire = (node: GraphNode): GraphNode => ({
    ...node,
    inputs: node.inputs.map((edge) => {
      const argument = moved.get(formatEdge(edge));
      return argument === undefined ? edge : { node: argument, output: 0 };
    }),
  });
  const result = new Map([...nodes].map(([name, node]) => [name, rewire(node)]));
  for (const name of moved.values()) {
    result.set(name, { name, op: ARGUMENT, inputs: [feedNode(name)], controls: [], attributes: NO_ATTRIBUTES });
  }
  return { graph: result, feeds };
}
