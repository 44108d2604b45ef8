import { textAttribute } from "../graph/attributes.js";
import { type Edge, type Graph, type GraphNode, GUARD } from "../graph/graph.js";
import { describeNode, malformed, unsupported } from "../graph/graph-error.js";
import { nodeOf } from "../graph/walk.js";

const PASS_THROUGH: ReadonlySet<string> = new Set(["Identity", "ReadVariableOp", "Switch", GUARD]);

/** Ops that stand for a variable: a handle to it, or in TensorFlow 1 the variable itself. */
export const VARIABLE_OPS: ReadonlySet<string> = new Set(["VarHandleOp", "VariableV2", "Variable"]);

/** Ops that set a variable. */
export const ASSIGNMENTS: ReadonlySet<string> = new Set(["Assign", "AssignVariableOp"]);

/** The node that an edge comes from, looking through identities. */
export function sourceOf(graph: Graph, edge: Edge, through: ReadonlySet<string> = PASS_THROUGH): Edge {
  let current = edge;
  for (let steps = 0; steps <= graph.size; steps++) {
    const node = nodeOf(graph, current.node);
    const [input] = node.inputs;
    if (!through.has(node.op) || input === undefined) return current;
    current = input;
  }
  throw malformed(`a cycle goes through ${edge.node}`);
}

/**
 * The variable that a handle or reference goes to, as a key: two nodes with one shared name are one variable.
 * @throws ServingError UNSUPPORTED if it comes from anything but a variable
 */
export function variableKey(graph: Graph, edge: Edge, user: GraphNode): string {
  const node = nodeOf(graph, sourceOf(graph, edge).node);
  if (!VARIABLE_OPS.has(node.op)) {
    throw unsupported(`${describeNode(user)} uses a variable that comes from ${describeNode(node)}`);
  }
  const sharedName = textAttribute(node, "shared_name", "");
  return `${textAttribute(node, "container", "")}/${sharedName === "" ? node.name : sharedName}`;
}
