import { ServingError } from "@servable/core";
import { allNodes } from "../graph/bodies.js";
import { ARGUMENT, type Graph, type GraphNode, RESULT } from "../graph/graph.js";
import type { Kernel, KernelFactory } from "../run/kernel.js";

/** Nodes that a plan knows by itself. */
const BUILT_IN: ReadonlySet<string> = new Set([
  ARGUMENT,
  RESULT,
  "Const",
  "Merge",
  "NoOp",
  "Placeholder",
  "PlaceholderWithDefault",
  "Switch",
]);

/** How many nodes of each unsupported operation are named. */
const NAMED = 3;

/**
 * Makes the kernels of a graph and of the bodies in it.
 * @param extra nodes that must run and are not in the graph (an initializer's), for which there are no kernels
 * @throws ServingError UNSUPPORTED that lists every operation that cannot be run, with the nodes and the way out
 */
export function kernelsOf(
  graph: Graph,
  registry: ReadonlyMap<string, KernelFactory>,
  extra: readonly GraphNode[] = [],
): ReadonlyMap<string, Kernel> {
  const kernels = new Map<string, Kernel>();
  const refused = new Map<string, string[]>();
  const refuse = (what: string, { name }: GraphNode): void => {
    refused.set(what, [...(refused.get(what) ?? []), name]);
  };
  for (const node of extra) refuse(`${node.op} in the initializer`, node);
  for (const node of allNodes(graph)) {
    if (BUILT_IN.has(node.op) || node.bodies !== undefined) continue;
    const factory = registry.get(node.op);
    if (factory === undefined) refuse(node.op, node);
    else {
      try {
        kernels.set(node.name, factory(node));
      } catch (error) {
        if (!ServingError.is(error) || error.code !== "UNSUPPORTED") throw error;
        refuse(`${node.op} with ${error.message}`, node);
      }
    }
  }
  if (refused.size === 0) return kernels;
  const lines = [...refused].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, nodes]) => `${what} (${namesOf(nodes)})`);
  throw new ServingError(
    "UNSUPPORTED",
    `the portable engine cannot run ${refused.size} of the model's operations: ${lines.join(", ")}; ` +
      `use TensorFlow itself: engine: "native"`,
  );
}

function namesOf(nodes: readonly string[]): string {
  const more = nodes.length - NAMED;
  return nodes.slice(0, NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
