import { type Pass, withBodies } from "./bodies.js";
import { type Graph, type GraphNode, RESULT } from "./graph.js";
import { unsupported } from "./graph-error.js";
import { topological } from "./walk.js";

/** Operations that change variables, tables or queues. None can be run, and none may get lost: calls would go wrong. */
const CHANGING =
  /^(Assign(Add|Sub)?(VariableOp)?|Resource(Scatter|Apply|CountUpTo|StridedSliceAssign)\w*|Scatter(Nd)?(Add|Div|Max|Min|Mul|Sub|Update)|LookupTable(Insert|Remove)(V2)?|(Stack(Push|Pop)|Queue)\w*)$/;

/** Operations that run for what they do and not for their value; nothing else may wait for them any more. */
export function isEffect(node: GraphNode): boolean {
  return (
    node.op === "Assert" ||
    CHANGING.test(node.op) ||
    (node.bodies ?? []).some(({ graph }) => [...graph.values()].some(isEffect))
  );
}

/** Operations that give something else with each call, and must not be computed once and for all. */
const DRAWING: ReadonlySet<string> = new Set([
  "Multinomial",
  "RandomShuffle",
  "RandomStandardNormal",
  "RandomUniform",
  "RandomUniformInt",
  "TruncatedNormal",
]);

/** Whether a node's value depends on nothing but its inputs. Control flow may draw or check anything. */
export function isPure(node: GraphNode): boolean {
  return node.bodies === undefined && !isEffect(node) && !DRAWING.has(node.op);
}

/** The nodes that a graph is there for: its results, and what runs for its effect. */
export function rootsOf(graph: Graph): string[] {
  return [...graph.values()].filter((node) => node.op === RESULT || isEffect(node)).map((node) => node.name);
}

/** The graph without what no root needs, each node after what it needs; bodies are pruned too. */
export const prune: Pass = withBodies(
  (graph) => new Map(topological(graph, rootsOf(graph)).map((node) => [node.name, node])),
);

/** Each result walks the graph: a minute at most. */
const MAX_VISITS = 2 ** 26;

/**
 * What must run, although no value of it is needed, when each of the results is asked for.
 * @returns effects by name of the result node
 */
export function effectsByResult(graph: Graph): ReadonlyMap<string, readonly string[]> {
  const results = [...graph.values()].filter((node) => node.op === RESULT);
  const hasEffects = [...graph.values()].some(isEffect);
  if (!hasEffects) return new Map(results.map(({ name }) => [name, []]));
  if (results.length * graph.size > MAX_VISITS) {
    throw unsupported(`${results.length} outputs of a graph of ${graph.size} nodes that checks values`);
  }
  return new Map(
    results.map(({ name }) => [
      name,
      topological(graph, [name], { controls: true })
        .filter(isEffect)
        .map((node) => node.name),
    ]),
  );
}

/**
 * Lets go of control edges. Nothing that runs changes state, so that the order in which nodes run is free but for the
 * values that they take, and only effects must not get lost: they are roots themselves.
 */
export const dropControls: Pass = withBodies(
  (graph) =>
    new Map([...graph].map(([name, node]) => [name, node.controls.length === 0 ? node : { ...node, controls: [] }])),
);
