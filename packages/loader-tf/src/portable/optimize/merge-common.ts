import { sizeOf, type Tensor } from "@servable/core";
import { attributesKey } from "../graph/attribute-key.js";
import { isPure, rootsOf } from "../graph/effects.js";
import { ARGUMENT, type Edge, formatEdge, type Graph, type GraphNode, RESULT } from "../graph/graph.js";
import { topological } from "../graph/walk.js";

/** Operations that give the same when their two inputs change places. */
const COMMUTATIVE: ReadonlySet<string> = new Set([
  "Add",
  "AddV2",
  "BitwiseAnd",
  "BitwiseOr",
  "BitwiseXor",
  "Equal",
  "LogicalAnd",
  "LogicalOr",
  "Maximum",
  "Minimum",
  "Mul",
  "NotEqual",
  "SquaredDifference",
]);

/** Operations with a state of their own, by how their names begin: tables and arrays have contents, loops go round. */
const STATEFUL =
  /^(Anonymous|Enter|Exit|LookupTable|LoopCond|Merge|NextIteration|Ref|Stack|Stateful|Switch|TensorArray|TensorList)/;

/** Larger constants are not compared. */
const SMALL = 1_024;

/** Keeps one of each group of nodes that compute the same from the same, and of small constants with the same value. */
export function mergeCommon(graph: Graph): Graph {
  const nodes = new Map<string, GraphNode>();
  /** The node that stands for all that compute the same, by what it computes. */
  const kept = new Map<string, string>();
  /** What each node that has gone was replaced by. */
  const replaced = new Map<string, string>();
  const redirect = (edge: Edge): Edge => {
    const node = replaced.get(edge.node);
    return node === undefined ? edge : { ...edge, node };
  };
  const rewire = (node: GraphNode): GraphNode => ({ ...node, inputs: node.inputs.map(redirect) });
  for (const node of topological(graph, rootsOf(graph))) {
    const rewired = rewire(node);
    const key = keyOf(rewired);
    const twin = key === undefined ? undefined : kept.get(key);
    if (twin !== undefined) {
      replaced.set(node.name, twin);
      continue;
    }
    if (key !== undefined) kept.set(key, node.name);
    nodes.set(node.name, rewired);
  }
  // Where a loop goes back, a node comes before what it takes.
  return new Map([...nodes].map(([name, node]) => [name, rewire(node)]));
}

/** What a node computes, as text; undefined if another node with the same text may be something else. */
function keyOf(node: GraphNode): string | undefined {
  const { op, inputs, attributes, value } = node;
  if (value !== undefined) return sizeOf(value.shape) <= SMALL ? constantKey(value) : undefined;
  // What has no inputs is an argument, a handle, or else a name for something outside of the graph.
  if (inputs.length === 0 || op === RESULT || op === ARGUMENT || STATEFUL.test(op) || !isPure(node)) return undefined;
  const edges = inputs.map(formatEdge).map((edge) => JSON.stringify(edge));
  if (COMMUTATIVE.has(op)) edges.sort();
  return `${op}(${edges.join(",")}){${attributesKey(attributes)}}`;
}

/** By bits, so that NaN is itself and 0 is not -0. */
function constantKey({ dtype, shape, data }: Tensor): string {
  const bytes = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength).join(".")
    : data.map((element) => element.join(".")).join(",");
  return `constant ${dtype} [${shape.join(",")}] ${bytes}`;
}
