import { type Edge, formatEdge, type Graph, type GraphNode } from "../graph/graph.js";
import { malformed } from "../graph/graph-error.js";

/**
 * Lets every edge that goes to an alias (an argument of a function, an output of a call) go to what it stands for.
 * A node that took an output of a call waits for the call, which runs for its effect too.
 * @throws ServingError DATA_LOSS if an alias stands for itself
 */
export function resolveAliases(nodes: ReadonlyMap<string, GraphNode>, aliases: ReadonlyMap<string, Edge>): Graph {
  const graph = new Map<string, GraphNode>();
  for (const node of nodes.values()) {
    const controls = new Set(node.controls);
    const inputs = node.inputs.map((edge) => {
      let target = edge;
      const passed = new Set<string>();
      for (let next = aliases.get(formatEdge(target)); next !== undefined; next = aliases.get(formatEdge(target))) {
        if (passed.has(formatEdge(target))) throw malformed(`${formatEdge(edge)} stands for itself`);
        passed.add(formatEdge(target));
        if (nodes.has(target.node)) controls.add(target.node);
        target = next;
      }
      return target;
    });
    graph.set(node.name, { ...node, inputs, controls: [...controls] });
  }
  return graph;
}
