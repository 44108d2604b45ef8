import type { Graph, GraphNode } from "../graph/graph.js";

/** Ops of an initializer that have no effect of their own. */
const GROUPING: ReadonlySet<string> = new Set(["NoOp", "Identity", "Const", "Placeholder"]);

/**
 * The nodes of an initializer that would do something. Models whose state is all in the checkpoint have an initializer
 * that only groups; the rest (tables to fill) cannot be run, and is named like any op without a kernel.
 * @param graph the init op and all it needs, inlined
 */
export function unsupportedInitializers(graph: Graph): readonly GraphNode[] {
  return [...graph.values()].filter((node) => !GROUPING.has(node.op));
}
