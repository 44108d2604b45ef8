import { isEffect } from "../graph/effects.js";
import { type Graph, type GraphNode, RESULT } from "../graph/graph.js";
import { topological } from "../graph/walk.js";
import { sourceOf, VARIABLE_OPS, variableKey } from "./handle.js";

/** What changes a variable and gives no value itself. */
const CHANGES: ReadonlySet<string> = new Set(["AssignAddVariableOp", "AssignSubVariableOp", "AssignVariableOp"]);

/**
 * The graph without changes of variables that no result can tell of: Keras draws new seeds for dropout with each call,
 * whether or not anything is dropped out. What a change waits for is waited for still.
 */
export function dropUnseenState(graph: Graph): Graph {
  const changes = [...graph.values()].flatMap((node) => changeOf(graph, node) ?? []);
  if (changes.length === 0) return graph;
  const others = [...graph.values()].filter((node) => node.op === RESULT || (isEffect(node) && !CHANGES.has(node.op)));
  let kept: readonly Change[] = changes.filter(({ variable }) => variable === undefined);
  for (let known = -1; known !== kept.length; ) {
    known = kept.length;
    const seen = variablesOf(graph, [...others, ...kept.map(({ node }) => node)]);
    kept = changes.filter(({ variable }) => variable === undefined || seen.has(variable));
  }
  const dropped = changes.filter((change) => !kept.includes(change));
  return new Map([...graph, ...dropped.map(({ node }): [string, GraphNode] => [node.name, waiting(node)])]);
}

interface Change {
  readonly node: GraphNode;
  /** Key of the variable; missing if the handle comes by way of control flow. */
  readonly variable: string | undefined;
}

function changeOf(graph: Graph, node: GraphNode): Change | undefined {
  if (!CHANGES.has(node.op)) return undefined;
  const [handle] = node.inputs;
  const isDirect = handle !== undefined && VARIABLE_OPS.has(graph.get(sourceOf(graph, handle).node)?.op ?? "");
  return { node, variable: isDirect ? variableKey(graph, handle, node) : undefined };
}

/** The variables whose handles reach any of the nodes: whatever takes a handle may read. */
function variablesOf(graph: Graph, nodes: readonly GraphNode[]): ReadonlySet<string> {
  const needed = topological(
    graph,
    nodes.map(({ name }) => name),
  );
  const handles = needed.filter(({ op }) => VARIABLE_OPS.has(op));
  return new Set(handles.map((node) => variableKey(graph, { node: node.name, output: 0 }, node)));
}

function waiting(node: GraphNode): GraphNode {
  return { ...node, op: "NoOp", inputs: [], controls: [...node.controls, ...node.inputs.map((edge) => edge.node)] };
}
