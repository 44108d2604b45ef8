import type { Edge, Graph, GraphNode } from "../graph/graph.js";
import { describeNode, malformed, unsupported } from "../graph/graph-error.js";
import { nodeOf } from "../graph/walk.js";
import { ASSIGNMENTS, sourceOf, variableKey } from "./handle.js";

const IDENTITY: ReadonlySet<string> = new Set(["Identity"]);
const utf8 = new TextDecoder();

/** A tensor of a checkpoint, or a part of one. */
export interface Stored {
  readonly key: string;
  /** Which part, as TensorFlow writes it: `10 4 0,5:-` (the whole's sizes; start and length of each); "" for the whole. */
  readonly slice: string;
}

/**
 * Runs a restore graph without data: what would be assigned to each variable says which tensor of the checkpoint it
 * holds. Covers TensorFlow 2 (a function of RestoreV2 and AssignVariableOp) and 1 (RestoreV2 and Assign).
 * @param graph the restore op and all it needs, inlined, constants decoded
 * @returns what of the checkpoint each variable is, by variable key
 * @throws ServingError UNSUPPORTED for a variable that is computed
 */
export function storedVariables(graph: Graph): ReadonlyMap<string, Stored> {
  const stored = new Map<string, Stored>();
  for (const node of graph.values()) {
    if (!ASSIGNMENTS.has(node.op)) continue;
    const [variable, value] = node.inputs;
    if (variable === undefined || value === undefined) throw malformed(`${describeNode(node)} lacks an input`);
    stored.set(variableKey(graph, variable, node), storedAt(graph, value, node));
  }
  return stored;
}

function storedAt(graph: Graph, value: Edge, assignment: GraphNode): Stored {
  const source = sourceOf(graph, value, IDENTITY);
  const restore = nodeOf(graph, source.node);
  if (restore.op === "RestoreV2") return restoredBy(graph, restore, source.output);
  throw unsupported(`${describeNode(assignment)} restores a variable by way of ${describeNode(restore)}`);
}

/** What of the checkpoint an output of a RestoreV2 is. */
export function restoredBy(graph: Graph, restore: GraphNode, output: number): Stored {
  return {
    key: stringAt(graph, { node: restore, input: 1 }, output),
    slice: stringAt(graph, { node: restore, input: 2 }, output),
  };
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
