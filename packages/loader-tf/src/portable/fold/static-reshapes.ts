import type { Graph, GraphNode } from "../graph/graph.js";
import { constantNode } from "../graph/graph.js";

/**
 * Gives reshapes a constant shape where all sizes but one are known: `[Shape(x)[0], 28, 28, 1]` becomes
 * `[-1, 28, 28, 1]`. The number of elements determines the missing size, so that the result is the same, and what
 * computed the size is not needed any more.
 */
export function staticReshapes(graph: Graph): Graph {
  const nodes = new Map(graph);
  for (const node of graph.values()) {
    const [value, shape] = node.inputs;
    if (node.op !== "Reshape" || value === undefined || shape === undefined) continue;
    const sizes = knownSizes(graph.get(shape.node), graph);
    if (sizes === undefined) continue;
    const name = `shape:${node.name}`;
    nodes.set(name, constantNode(name, { dtype: "int32", shape: [sizes.length], data: Int32Array.from(sizes) }));
    nodes.set(node.name, { ...node, inputs: [value, { node: name, output: 0 }] });
  }
  return nodes;
}

/** The sizes that a Pack of scalars gives, -1 for the only one that is not known; undefined for anything else. */
function knownSizes(pack: GraphNode | undefined, graph: Graph): readonly number[] | undefined {
  if (pack?.op !== "Pack") return undefined;
  const sizes = pack.inputs.map(({ node }) => {
    const value = graph.get(node)?.value;
    return value !== undefined && value.shape.length === 0 ? Number(value.data[0]) : -1;
  });
  // A size of 0 would leave the missing one undetermined, and a -1 of the model's own stands for another one.
  const unknown = pack.inputs.filter(({ node }) => graph.get(node)?.value === undefined).length;
  const determined = unknown === 1 && sizes.filter((size) => size < 1).length === 1;
  return determined && sizes.every((size) => size < 2 ** 31) ? sizes : undefined;
}
