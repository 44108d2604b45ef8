import type { Tensor } from "@servable/core";
import { intAttribute } from "../graph/attributes.js";
import { constantNode, type Graph, type GraphNode, GUARD } from "../graph/graph.js";
import { describeNode, malformed } from "../graph/graph-error.js";
import { nodeOf } from "../graph/walk.js";
import { sourceOf, VARIABLE_OPS, variableKey } from "./handle.js";

const IDENTITY: ReadonlySet<string> = new Set(["Identity"]);

const READS: ReadonlySet<string> = new Set(["ReadVariableOp", "ResourceGather", "ResourceGatherNd"]);

/** The variables that a graph reads: variable key by node that reads. */
export function variableReads(graph: Graph): ReadonlyMap<string, string> {
  const reads = new Map<string, string>();
  for (const node of graph.values()) {
    if (node.op === "VariableV2" || node.op === "Variable") {
      reads.set(node.name, variableKey(graph, { node: node.name, output: 0 }, node));
    } else if (READS.has(node.op)) {
      const [handle] = node.inputs;
      if (handle === undefined) throw malformed(`${describeNode(node)} has no input`);
      reads.set(node.name, variableKey(graph, handle, node));
    }
  }
  return reads;
}

/**
 * Puts the values of variables in the place of their reads. Each variable becomes one constant, whoever reads it.
 * What writes variables is left as it is, for the check of ops to refuse.
 */
export function bindVariables(graph: Graph, values: ReadonlyMap<string, Tensor>): Graph {
  const reads = variableReads(graph);
  const nodes = new Map<string, GraphNode>();
  for (const key of new Set(reads.values())) {
    const value = values.get(key);
    if (value !== undefined) nodes.set(constantName(key), constantNode(constantName(key), value));
  }
  for (const node of graph.values()) {
    const key = reads.get(node.name);
    if (node.op === "VarHandleOp") nodes.set(node.name, constantNode(node.name, HANDLE));
    else nodes.set(node.name, key === undefined || !values.has(key) ? node : readOf(graph, node, constantName(key)));
  }
  return nodes;
}

/** What is handed about where a handle is an argument that nobody reads any more. */
const HANDLE: Tensor = { dtype: "int32", shape: [], data: Int32Array.of(0) };

function constantName(key: string): string {
  return `variable:${key}`;
}

function readOf(graph: Graph, node: GraphNode, constant: string): GraphNode {
  const value = { node: constant, output: 0 };
  const [handle, indices] = node.inputs;
  if (handle === undefined) return { ...node, op: "Identity", inputs: [value] };
  if (node.op === "ResourceGather") {
    if (indices === undefined) throw malformed(`${describeNode(node)} has no indices`);
    // Gather has what ResourceGather lacks but for batch_dims, which both have.
    intAttribute(node, "batch_dims", 0);
    return { ...node, op: "Gather", inputs: [value, indices] };
  }
  if (node.op === "ResourceGatherNd") {
    if (indices === undefined) throw malformed(`${describeNode(node)} has no indices`);
    return { ...node, op: "GatherNd", inputs: [value, indices] };
  }
  // A handle that comes by way of a branch is read only where the branch is taken.
  const isDirect = VARIABLE_OPS.has(nodeOf(graph, sourceOf(graph, handle, IDENTITY).node).op);
  return isDirect ? { ...node, op: "Identity", inputs: [value] } : { ...node, op: GUARD, inputs: [value, handle] };
}
