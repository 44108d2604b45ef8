import { ARGUMENT, type Edge, type Graph, type GraphNode } from "../graph/graph.js";

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
  const source = (edge: Edge): Edge => {
    let current = edge;
    // A cycle of identities ends here and is found as a cycle by the next walk.
    for (let steps = 0; steps < graph.size; steps++) {
      const node = graph.get(current.node);
      const input = node?.inputs[current.output];
      if (node === undefined || input === undefined || !IDENTITIES.has(node.op) || node.op === ARGUMENT) return current;
      current = input;
    }
    return current;
  };
  const rewire = (node: GraphNode): GraphNode => ({ ...node, inputs: node.inputs.map(source) });
  return new Map([...graph].map(([name, node]) => [name, rewire(node)]));
}
