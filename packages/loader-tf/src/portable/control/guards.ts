import { type Pass, withBodies } from "../graph/bodies.js";
import { type Edge, type Graph, type GraphNode, GUARD, NO_ATTRIBUTES } from "../graph/graph.js";
import { nodeOf, topological } from "../graph/walk.js";
import { TABLE_OPS } from "../tables/table-node.js";
import { VARIABLE_OPS } from "../variables/handle.js";

/** What these stand for is there whichever branch is taken; what reads them is guarded itself. */
const HANDLES: ReadonlySet<string> = new Set([...VARIABLE_OPS, ...TABLE_OPS]);

/**
 * Makes data edges of the control edges that say which branch of a TensorFlow 1 conditional a node is of. The rest of
 * the compiler can then forget control edges: a node is skipped if and only if one of its inputs was not computed.
 */
export const guardBranches: Pass = withBodies((graph) => {
  const nodes = [...graph.values()];
  if (!nodes.some(({ op }) => op === "Switch")) return graph;
  const guarded = new Map(graph);
  /** Nodes that are not computed in one of the cases. */
  const conditional = new Set<string>();
  for (const node of topological(graph, [...graph.keys()], { controls: true })) {
    const isSkipped = ({ node: name }: Edge): boolean => conditional.has(name);
    const controls = node.controls.filter((name) => conditional.has(name));
    const isMerge = node.op === "Merge";
    if (node.op === "Switch" || (!isMerge && (node.inputs.some(isSkipped) || controls.length > 0))) {
      conditional.add(node.name);
    }
    if (isMerge || controls.length === 0 || HANDLES.has(node.op)) continue;
    const pivots = [...new Set(controls.flatMap((name) => pivotsOf(graph, name)))].filter(
      (name) => !node.inputs.some((edge) => edge.node === name),
    );
    if (pivots.length > 0)
      addGuard(
        guarded,
        node,
        pivots.map((name) => ({ node: name, output: 0 })),
      );
  }
  return guarded;
});

/** Nodes with a value that are skipped when the node is. */
function pivotsOf(graph: Graph, name: string): readonly string[] {
  const pivots = new Set<string>();
  const seen = new Set<string>();
  const work = [name];
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const node = nodeOf(graph, next);
    // These have no value of their own. A Switch has two, one of which is always there.
    if (node.op === "NoOp" || node.op === "Assert" || node.op === "Switch") {
      work.push(...node.inputs.map((edge) => edge.node), ...node.controls);
    } else if (!HANDLES.has(node.op)) pivots.add(next);
  }
  return [...pivots];
}

function addGuard(graph: Map<string, GraphNode>, node: GraphNode, pivots: readonly Edge[]): void {
  const [first, ...rest] = node.inputs;
  const guard = { op: GUARD, attributes: NO_ATTRIBUTES };
  if (first === undefined) {
    const inner = `${node.name}/unguarded`;
    graph.set(inner, { ...node, name: inner, controls: [] });
    // It still waits for what runs for its effect.
    const { name, controls } = node;
    graph.set(name, { ...guard, name, controls, inputs: [{ node: inner, output: 0 }, ...pivots] });
    return;
  }
  const name = `${node.name}/guard`;
  graph.set(name, { ...guard, name, inputs: [first, ...pivots], controls: [] });
  graph.set(node.name, { ...node, inputs: [{ node: name, output: 0 }, ...rest] });
}
