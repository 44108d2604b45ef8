import { ARGUMENT, type Body, type Edge, type Graph, type GraphNode, NO_ATTRIBUTES, RESULT } from "../graph/graph.js";
import { describeNode, malformed, unsupported } from "../graph/graph-error.js";
import { nodeOf } from "../graph/walk.js";

/** One variable of a loop of TensorFlow 1: `Enter → Merge → Switch`, and back by `NextIteration`. */
interface LoopVariable {
  readonly merge: string;
  readonly switch: string;
  readonly first: Edge;
  readonly next: Edge;
  readonly exit: string | undefined;
}

interface Loop {
  readonly name: string;
  readonly condition: Edge;
  readonly variables: readonly LoopVariable[];
  /** What the loop as a whole waits for. */
  readonly controls: readonly string[];
}

/**
 * Makes a `While` node of every loop of TensorFlow 1, the innermost first. Only loops as `tf.while_loop` builds them
 * can be told apart from arbitrary cycles.
 * @throws ServingError DATA_LOSS or UNSUPPORTED for a loop of another form
 */
export function structureLoops(graph: Graph): Graph {
  let current = graph;
  let open = [...graph.values()].filter(({ op }) => op === "LoopCond");
  const takers = takersOf(graph);
  while (open.length > 0) {
    const waiting: GraphNode[] = [];
    for (const node of open) {
      const structured = structure(current, loopOf(current, node, takers));
      if (structured === undefined) waiting.push(node);
      else current = structured;
    }
    const [stuck] = waiting;
    if (stuck !== undefined && waiting.length === open.length) {
      throw malformed(`the loop of ${describeNode(stuck)} goes through itself`);
    }
    open = waiting;
  }
  return current;
}

type Takers = ReadonlyMap<string, readonly GraphNode[]>;

/** Who takes a value of each node. */
function takersOf(graph: Graph): Takers {
  const takers = new Map<string, GraphNode[]>();
  for (const node of graph.values()) {
    for (const { node: source } of node.inputs) {
      const known = takers.get(source);
      if (known === undefined) takers.set(source, [node]);
      else known.push(node);
    }
  }
  return takers;
}

function inputOf(node: GraphNode, index: number): Edge {
  const edge = node.inputs[index];
  if (edge === undefined) throw malformed(`${describeNode(node)} lacks input ${index}`);
  return edge;
}

function loopOf(graph: Graph, loopCond: GraphNode, takers: Takers): Loop {
  const controls = new Set<string>();
  const switches = (takers.get(loopCond.name) ?? []).filter(({ op }) => op === "Switch");
  const variables = switches.map((branch): LoopVariable => {
    const merge = nodeOf(graph, inputOf(branch, 0).node);
    const sources = merge.inputs.map(({ node }) => nodeOf(graph, node));
    const enter = sources.find(({ op }) => op === "Enter");
    const back = sources.find(({ op }) => op === "NextIteration");
    if (merge.op !== "Merge" || enter === undefined || back === undefined) {
      throw notBuilt(loopCond);
    }
    for (const control of enter.controls) controls.add(control);
    const exit = (takers.get(branch.name) ?? []).find(({ op }) => op === "Exit");
    return {
      merge: merge.name,
      switch: branch.name,
      first: inputOf(enter, 0),
      next: inputOf(back, 0),
      exit: exit?.name,
    };
  });
  return { name: `${loopCond.name}/While`, condition: inputOf(loopCond, 0), variables, controls: [...controls] };
}

/** The graph with the loop as one node; undefined while a loop inside of it is not. */
function structure(graph: Graph, loop: Loop): Graph | undefined {
  const { name, variables } = loop;
  const frame = new Frame(graph, loop);
  const cond = frame.extract("cond", [loop.condition]);
  const step = frame.extract(
    "body",
    variables.map(({ next }) => next),
  );
  if (cond === undefined || step === undefined) return undefined;
  // What does not change is handed on by the body, as the variables are.
  for (let at = variables.length; at < frame.inputs.length; at++) {
    const result = resultNode(frame.result("body", at), { node: frame.argument("body", at), output: 0 });
    step.set(result.name, result);
  }
  const result = new Map(graph);
  const bodies = [frame.body("cond", cond, 1), frame.body("body", step, frame.inputs.length)];
  const { inputs } = frame;
  result.set(name, { name, op: "While", inputs, controls: loop.controls, attributes: NO_ATTRIBUTES, bodies });
  for (const [at, { exit }] of variables.entries()) {
    if (exit === undefined) continue;
    result.set(exit, { ...nodeOf(graph, exit), op: "Identity", inputs: [{ node: name, output: at }] });
  }
  return result;
}

type Role = "cond" | "body";

/** Takes the nodes of a loop out of the graph. */
class Frame {
  readonly #graph: Graph;
  readonly #loop: Loop;
  /** The loop's variable that a `Merge` or a `Switch` is of. */
  readonly #variables: ReadonlyMap<string, number>;
  /** Values from outside that do not change: each `Enter`, with what it lets in. */
  readonly #invariants = new Map<string, Edge>();

  constructor(graph: Graph, loop: Loop) {
    this.#graph = graph;
    this.#loop = loop;
    this.#variables = new Map(
      loop.variables.flatMap(({ merge, switch: branch }, at): [string, number][] => [
        [merge, at],
        [branch, at],
      ]),
    );
  }

  /** The inputs of the loop: first those of its variables, then what does not change. */
  get inputs(): readonly Edge[] {
    return [...this.#loop.variables.map(({ first }) => first), ...this.#invariants.values()];
  }

  argument(role: Role, at: number): string {
    return `${this.#loop.name}/${role}/argument:${at}`;
  }

  result(role: Role, at: number): string {
    return `${this.#loop.name}/${role}/result:${at}`;
  }

  body(role: Role, graph: Map<string, GraphNode>, resultCount: number): Body {
    const parameters = this.inputs.map((_, at) => this.argument(role, at));
    for (const name of parameters) {
      graph.set(name, { name, op: ARGUMENT, inputs: [], controls: [], attributes: NO_ATTRIBUTES });
    }
    const results = Array.from({ length: resultCount }, (_, at) => this.result(role, at));
    return { graph, arguments: parameters, results };
  }

  /** The nodes that the results need within the loop; undefined while another loop is among them. */
  extract(role: Role, results: readonly Edge[]): Map<string, GraphNode> | undefined {
    const nodes = new Map<string, GraphNode>();
    const work: string[] = [];
    const move = (edge: Edge): Edge => {
      const at = this.#argumentOf(edge);
      if (at !== undefined) return { node: this.argument(role, at), output: 0 };
      work.push(edge.node);
      return edge;
    };
    for (const [at, edge] of results.entries()) {
      const result = resultNode(this.result(role, at), move(edge));
      nodes.set(result.name, result);
    }
    for (let next = work.pop(); next !== undefined; next = work.pop()) {
      if (nodes.has(next)) continue;
      const node = nodeOf(this.#graph, next);
      if (node.op === "Exit") return undefined;
      if (node.op === "NextIteration" || this.#variables.has(node.name)) throw notBuilt(node);
      // What holds nodes in the loop's frame is of the loop itself and says nothing inside of a body.
      const controls = node.controls.filter((control) => !this.#isFrame(control));
      work.push(...controls);
      nodes.set(next, { ...node, inputs: node.inputs.map(move), controls });
    }
    return nodes;
  }

  #argumentOf({ node: name, output }: Edge): number | undefined {
    const node = nodeOf(this.#graph, name);
    const variable = this.#variables.get(name);
    if (variable !== undefined && (node.op === "Merge" || output === 1)) return variable;
    if (node.op !== "Enter") return undefined;
    if (!this.#invariants.has(name)) this.#invariants.set(name, inputOf(node, 0));
    return this.#loop.variables.length + [...this.#invariants.keys()].indexOf(name);
  }

  /** Whether a node is a part of the loop itself: its variables, its condition, what they hand on unchanged. */
  #isFrame(name: string): boolean {
    let node = nodeOf(this.#graph, name);
    for (let steps = 0; steps < this.#graph.size; steps++) {
      if (this.#variables.has(node.name) || node.op === "LoopCond" || node.op === "Enter") return true;
      const [input] = node.inputs;
      if (node.op !== "Identity" || input === undefined) return false;
      node = nodeOf(this.#graph, input.node);
    }
    return false;
  }
}

function resultNode(name: string, input: Edge): GraphNode {
  return { name, op: RESULT, inputs: [input], controls: [], attributes: NO_ATTRIBUTES };
}

function notBuilt(node: GraphNode): Error {
  return unsupported(`${describeNode(node)} is of a loop that tf.while_loop did not build`);
}
