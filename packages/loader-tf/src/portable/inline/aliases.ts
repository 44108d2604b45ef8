import { type Edge, formatEdge, type Graph, type GraphNode } from "../graph/graph.js";
import { malformed } from "../graph/graph-error.js";

/** Calls in a long row, each with what the one before gave, and many that take the last: more than the memory holds. */
const MAX_STEPS = 2_000_000;

/**
 * Lets every edge that goes to an alias (an argument of a function, an output of a call) go to what it stands for.
 * A node that took an output of a call waits for the call, which runs for its effect too.
 * @throws ServingError DATA_LOSS if an alias stands for itself
 */
export function resolveAliases(nodes: ReadonlyMap<string, GraphNode>, aliases: ReadonlyMap<string, Edge>): Graph {
  const graph = new Map<string, GraphNode>();
  let steps = 0;
  for (const node of nodes.values()) {
    const controls = new Set(node.controls);
    const inputs = node.inputs.map((edge) => {
      let target = edge;
      const passed = new Set<string>();
      for (let next = aliases.get(formatEdge(target)); next !== undefined; next = aliases.get(formatEdge(target))) {
        if (passed.has(formatEdge(target))) throw malformed(`${formatEdge(edge)} stands for itself`);
        passed.add(formatEdge(target));
        if (++steps > MAX_STEPS) throw malformed(`its functions hand values on more than ${MAX_STEPS} times`);
        if (nodes.has(target.node)) controls.add(target.node);
        target = next;
      }
      return target;
    });
    graph.set(node.name, { ...node, inputs, controls: [...controls] });
  }
  return graph;
}
