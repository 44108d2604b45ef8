import type { Tensor } from "@servable/core";
import type { Edge, Graph, GraphNode } from "../graph/graph.js";

/**
 * Lets go of operations that give their input unchanged because of a constant: products with 1, transpositions that
 * leave the order as it is. (Not of sums with 0, which make 0 of -0.)
 */
export function removeNeutral(graph: Graph): Graph {
  const source = (edge: Edge): Edge => {
    let current = edge;
    for (let steps = 0; steps < graph.size; steps++) {
      const node = graph.get(current.node);
      const unchanged = node === undefined ? undefined : unchangedInput(node, graph);
      if (unchanged === undefined) return current;
      current = unchanged;
    }
    return current;
  };
  return new Map([...graph].map(([name, node]) => [name, { ...node, inputs: node.inputs.map(source) }]));
}

function unchangedInput(node: GraphNode, graph: Graph): Edge | undefined {
  const [first, second] = node.inputs;
  if (first === undefined || second === undefined) return undefined;
  const value = (edge: Edge): Tensor | undefined => graph.get(edge.node)?.value;
  switch (node.op) {
    case "Mul":
      if (isOne(value(second))) return first;
      return isOne(value(first)) ? second : undefined;
    case "Div":
    case "RealDiv":
      return isOne(value(second)) ? first : undefined;
    case "Transpose": {
      const order = value(second);
      return order !== undefined && Array.from(order.data, Number).every((axis, at) => axis === at) ? first : undefined;
    }
    default:
      return undefined;
  }
}

/** A scalar, that it does not make the other operand larger. */
function isOne(tensor: Tensor | undefined): boolean {
  return tensor?.shape.length === 0 && Number(tensor.data[0]) === 1;
}
