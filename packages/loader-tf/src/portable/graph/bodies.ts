import type { Body, Graph, GraphNode } from "./graph.js";

/** Makes a graph of another. */
export type Pass = (graph: Graph) => Graph;

/** The pass, applied to the bodies of control flow nodes, however deep, and then to the graph itself. */
export function withBodies(pass: Pass): Pass {
  const deep: Pass = (graph) => pass(mapBodies(graph, (body) => ({ ...body, graph: deep(body.graph) })));
  return deep;
}

/** The graph with its control flow nodes' own bodies exchanged. */
export function mapBodies(graph: Graph, change: (body: Body, node: GraphNode) => Body): Graph {
  if (![...graph.values()].some(({ bodies }) => bodies !== undefined)) return graph;
  const changed = (node: GraphNode): GraphNode =>
    node.bodies === undefined ? node : { ...node, bodies: node.bodies.map((body) => change(body, node)) };
  return new Map([...graph].map(([name, node]) => [name, changed(node)]));
}

/** All nodes of a graph and of the bodies in it. */
export function* allNodes(graph: Graph): Generator<GraphNode> {
  for (const node of graph.values()) {
    yield node;
    for (const body of node.bodies ?? []) yield* allNodes(body.graph);
  }
}
