import type { Graph, GraphNode } from "./graph.js";
import { malformed } from "./graph-error.js";

/** The node of that name. @throws ServingError DATA_LOSS if there is none */
export function nodeOf(graph: Graph, name: string): GraphNode {
  const node = graph.get(name);
  if (node === undefined) throw malformed(`there is no node ${name}`);
  return node;
}

/** Options of {@link topological}. */
export interface WalkOptions {
  /** Whether control edges count. @defaultValue false */
  readonly controls?: boolean;
  /** Stops at these nodes: they are listed, what they need is not. */
  readonly stopAt?: (node: GraphNode) => boolean;
}

/** A loop of TensorFlow 1 goes back here; its only cycles are these. */
const LOOP_BACK = "NextIteration";

/**
 * What `roots` need, each node after what it needs itself; loops are listed too, in no particular order. Iterative,
 * since a hostile graph may be a long chain.
 * @throws ServingError DATA_LOSS for a cycle or an edge to a node that does not exist
 */
export function topological(graph: Graph, roots: readonly string[], options: WalkOptions = {}): GraphNode[] {
  const { controls = false, stopAt = () => false } = options;
  const order: GraphNode[] = [];
  const state = new Map<string, "open" | "done">();
  const stack: { readonly node: GraphNode; readonly needs: readonly string[]; next: number }[] = [];
  const enter = (name: string): void => {
    const known = state.get(name);
    if (known === "open") throw malformed(`a cycle goes through ${name}`);
    if (known === "done") return;
    const node = nodeOf(graph, name);
    state.set(name, "open");
    const data = stopAt(node) ? [] : node.inputs.map((edge) => edge.node);
    const needs = controls && !stopAt(node) ? [...data, ...node.controls] : data;
    if (node.op === LOOP_BACK) later.push(...needs);
    stack.push({ node, needs: node.op === LOOP_BACK ? [] : needs, next: 0 });
  };
  const later = [...roots];
  for (const root of later) {
    enter(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const need = top.needs[top.next++];
      if (need !== undefined) {
        enter(need);
      } else {
        stack.pop();
        state.set(top.node.name, "done");
        order.push(top.node);
      }
    }
  }
  return order;
}
