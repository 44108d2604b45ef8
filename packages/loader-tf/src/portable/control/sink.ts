import { mapBodies } from "../graph/bodies.js";
import { type Edge, formatEdge, type Graph, type GraphNode, RESULT } from "../graph/graph.js";
import { TABLE_OPS } from "../tables/table-node.js";
import { sourceOf, VARIABLE_OPS } from "../variables/handle.js";

/** What can as well be within a body: it gives the same each time. */
const SOURCES: ReadonlySet<string> = new Set([...VARIABLE_OPS, ...TABLE_OPS, "Const"]);
const IDENTITY: ReadonlySet<string> = new Set(["Identity"]);

/**
 * Takes variables, tables and constants along into the bodies that they are arguments of, so that what is done with
 * them there can be resolved and computed at load. Arguments that a loop changes stay arguments.
 */
export function sinkSources(graph: Graph): Graph {
  const sunk = mapBodies(graph, (body, node) => {
    const sources = node.inputs.slice(node.inputs.length - body.arguments.length).map((edge, at) => {
      const source = sourceOf(graph, edge, IDENTITY);
      const found = graph.get(source.node);
      return found !== undefined && SOURCES.has(found.op) && isInvariant(node, at) ? { source, found } : undefined;
    });
    const nodes = new Map(body.graph);
    const moved = new Map<string, Edge>();
    for (const [at, each] of sources.entries()) {
      if (each === undefined) continue;
      nodes.set(each.found.name, { ...each.found, controls: [] });
      moved.set(formatEdge({ node: body.arguments[at] ?? "", output: 0 }), each.source);
    }
    return { ...body, graph: sinkSources(rewired(nodes, moved)) };
  });
  return outcomesOf(sunk);
}

/** Whether a control flow node hands an argument on as it came; only loops have arguments that change. */
function isInvariant({ op, bodies = [] }: GraphNode, at: number): boolean {
  if (!op.endsWith("While")) return true;
  const [, body] = bodies;
  const [edge] = body?.graph.get(body.results[at] ?? "")?.inputs ?? [];
  return body !== undefined && edge !== undefined && sourceOf(body.graph, edge, IDENTITY).node === body.arguments[at];
}

/** What a loop hands on unchanged is taken from where the loop took it. */
function outcomesOf(graph: Graph): Graph {
  const moved = new Map<string, Edge>();
  for (const node of graph.values()) {
    if (!node.op.endsWith("While")) continue;
    for (const [at, edge] of node.inputs.entries()) {
      if (isInvariant(node, at)) moved.set(formatEdge({ node: node.name, output: at }), edge);
    }
  }
  return moved.size === 0 ? graph : rewired(graph, moved, true);
}

/** The graph with edges exchanged. A body's results keep theirs, since that is how an argument is handed on. */
function rewired(graph: Graph, moved: ReadonlyMap<string, Edge>, withResults = false): Graph {
  const follow = (edge: Edge): Edge => {
    let current = edge;
    for (let steps = 0; steps <= moved.size; steps++) {
      const next = moved.get(formatEdge(current));
      if (next === undefined) return current;
      current = next;
    }
    return current;
  };
  const rewire = (node: GraphNode): GraphNode =>
    node.op === RESULT && !withResults ? node : { ...node, inputs: node.inputs.map(follow) };
  return new Map([...graph].map(([name, node]) => [name, rewire(node)]));
}
