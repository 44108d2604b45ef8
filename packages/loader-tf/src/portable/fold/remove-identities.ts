import { ARGUMENT, type Edge, formatEdge, type Graph, type GraphNode } from "../graph/graph.js";

/** Operations that give each input unchanged; a placeholder with a default is one where nothing is fed to it. */
const IDENTITIES: ReadonlySet<string> = new Set([
  "Identity",
  "IdentityN",
  "PlaceholderWithDefault",
  "PreventGradient",
  "Snapshot",
  "StopGradient",
]);

/** Lets whoever takes the value of an identity take what the identity takes. */
export function removeIdentities(graph: Graph): Graph {
  const found = new Map<string, Edge>();
  const source = (edge: Edge): Edge => {
    let current = edge;
    const passed: string[] = [];
    // A cycle of identities ends here and is found as a cycle by the next walk.
    while (passed.length <= graph.size) {
      const node = graph.get(current.node);
      const input = node?.inputs[current.output];
      if (node === undefined || input === undefined || !IDENTITIES.has(node.op) || node.op === ARGUMENT) break;
      passed.push(formatEdge(current));
      current = found.get(formatEdge(current)) ?? input;
    }
    // Else a long chain would be gone through from each of its links.
    for (const name of passed) found.set(name, current);
    return current;
  };
  const rewire = (node: GraphNode): GraphNode => ({ ...node, inputs: node.inputs.map(source) });
  return new Map([...graph].map(([name, node]) => [name, rewire(node)]));
}
