import type { Edge, Graph, GraphNode } from "../graph/graph.js";
import { describeNode, malformed, unsupported } from "../graph/graph-error.js";
import { nodeOf } from "../graph/walk.js";
import { sourceOf, variableKey } from "./handle.js";

const ASSIGNMENTS: ReadonlySet<string> = new Set(["AssignVariableOp", "Assign"]);
const IDENTITY: ReadonlySet<string> = new Set(["Identity"]);
const utf8 = new TextDecoder();

/**
 * Runs a restore graph without data: what would be assigned to each variable says which tensor of the checkpoint it
 * holds. Covers TensorFlow 2 (a function of RestoreV2 and AssignVariableOp) and 1 (RestoreV2 and Assign).
 * @param graph the restore op and all it needs, inlined, constants decoded
 * @returns the checkpoint key of each variable, by variable key
 * @throws ServingError UNSUPPORTED for a variable that is computed or restored in slices
 */
export function checkpointKeys(graph: Graph): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const node of graph.values()) {
    if (!ASSIGNMENTS.has(node.op)) continue;
    const [variable, value] = node.inputs;
    if (variable === undefined || value === undefined) throw malformed(`${describeNode(node)} lacks an input`);
    keys.set(variableKey(graph, variable, node), checkpointKey(graph, value, node));
  }
  return keys;
}

function checkpointKey(graph: Graph, value: Edge, assignment: GraphNode): string {
  const source = sourceOf(graph, value, IDENTITY);
  const restore = nodeOf(graph, source.node);
  if (restore.op !== "RestoreV2") {
    throw unsupported(`${describeNode(assignment)} restores a variable by way of ${describeNode(restore)}`);
  }
  const key = stringAt(graph, { node: restore, input: 1 }, source.output);
  if (stringAt(graph, { node: restore, input: 2 }, source.output) !== "") {
    throw unsupported(`${describeNode(assignment)} restores a slice of ${key}: partitioned variables`);
  }
  return key;
}

interface Argument {
  readonly node: GraphNode;
  readonly input: number;
}

function stringAt(graph: Graph, { node, input }: Argument, index: number): string {
  const edge = node.inputs[input];
  const strings = edge && nodeOf(graph, sourceOf(graph, edge, IDENTITY).node).value;
  const bytes = strings?.dtype === "string" ? strings.data[index] : undefined;
  if (!(bytes instanceof Uint8Array)) throw malformed(`input ${input} of ${describeNode(node)} has no string ${index}`);
  return utf8.decode(bytes);
}
