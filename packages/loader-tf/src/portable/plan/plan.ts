import { ServingError } from "@servable/core";
import { isEffect } from "../graph/effects.js";
import { ARGUMENT, type Body, type Edge, formatEdge, type Graph, type GraphNode } from "../graph/graph.js";
import { describeNode, malformed } from "../graph/graph-error.js";
import { nodeOf, topological } from "../graph/walk.js";
import { controlKernel } from "../kernels/control.js";
import type { ControlKernel } from "../run/control-kernel.js";
import type { Kernel } from "../run/kernel.js";
import { Registers } from "./registers.js";

/** Where a step finds a value: in a register (from 0 on), or as the constant -1 - n. */
export type Operand = number;

/** What a step does. */
export type Action =
  | { readonly kind: "kernel"; readonly kernel: Kernel; readonly changesLists: boolean }
  | { readonly kind: "control"; readonly kernel: ControlKernel; readonly bodies: readonly BodyPlan[] }
  | { readonly kind: "switch" }
  | { readonly kind: "merge" };

/** One kernel call. */
export interface Step {
  /** The node, for messages. */
  readonly node: GraphNode;
  readonly action: Action;
  /** Whether an input may be of a branch that was not taken; it is then skipped, and so are those that take its outputs. */
  readonly isConditional: boolean;
  readonly inputs: readonly Operand[];
  /** The register that each output goes to; -1 for one that nobody takes. */
  readonly outputs: readonly number[];
  /** Registers that nobody needs after this step. */
  readonly free: readonly number[];
}

/** A flat list of kernel calls that answers one kind of call. */
export interface Plan {
  readonly steps: readonly Step[];
  /** How many registers it takes. */
  readonly registers: number;
  /** The register of each input, by the input's name; an input that nothing depends on has none. */
  readonly feeds: ReadonlyMap<string, number>;
  readonly results: ReadonlyMap<string, Operand>;
}

/** The plan of a control flow node's body. */
export interface BodyPlan {
  readonly plan: Plan;
  /** The register of each argument, in order; -1 for one that nothing needs. */
  readonly parameters: readonly number[];
  readonly results: readonly Operand[];
}

/** What a plan is made from. */
export interface PlanRequest {
  readonly graph: Graph;
  readonly kernels: ReadonlyMap<string, Kernel>;
  /** The number of each constant node. */
  readonly constants: ReadonlyMap<string, number>;
  /** The node that each input is fed to, by the input's name. */
  readonly feeds: ReadonlyMap<string, string>;
  /** The result node of each output, by the output's name. */
  readonly results: ReadonlyMap<string, string>;
  /** Nodes that run for their effect. */
  readonly effects: readonly string[];
}

/**
 * Puts the nodes that the results need into an order, and their values into registers, which serve again once free.
 * @throws ServingError DATA_LOSS for a graph that TensorFlow would not have written
 */
export function makePlan(request: PlanRequest): Plan {
  const { graph, kernels, constants } = request;
  const fed = new Set(request.feeds.values());
  const roots = [...request.results.values(), ...request.effects];
  const order = topological(graph, roots, { stopAt: (node) => fed.has(node.name) });
  const running = order.filter((node) => !fed.has(node.name) && (runs(node, kernels) || isUnfed(node)));
  const source = (edge: Edge): Edge => defaultOf(edge, graph, fed);
  const results = new Map([...request.results].map(([output, name]) => [output, source(inputOf(graph, name))]));
  const { last, highest } = usesOf(running, [...results.values()], source);
  const isConditional = running.some(({ op }) => op === "Switch");

  const registers = new Registers();
  const feeds = new Map<string, number>();
  for (const [input, name] of request.feeds) {
    const value = formatEdge({ node: name, output: 0 });
    if (last.has(value)) feeds.set(input, registers.take(value));
  }
  const operand = (edge: Edge): Operand => {
    const constant = constants.get(edge.node);
    return constant === undefined ? registers.of(formatEdge(edge)) : -1 - constant;
  };
  const steps = running.map((node, position): Step => {
    const sources = node.inputs.map(source);
    const inputs = sources.map(operand);
    // Outputs get their registers before those of the inputs are free: a kernel reads while it writes.
    const outputs = Array.from({ length: (highest.get(node.name) ?? -1) + 1 }, (_, output) => {
      const value = formatEdge({ node: node.name, output });
      return last.has(value) ? registers.take(value) : -1;
    });
    const ending = sources.filter((edge) => !constants.has(edge.node) && last.get(formatEdge(edge)) === position);
    const free = [...new Set(ending.map(formatEdge))].map((value) => registers.give(value));
    return { node, action: actionOf(node, request), isConditional, inputs, outputs, free };
  });
  return {
    steps,
    feeds,
    results: new Map([...results].map(([output, edge]) => [output, operand(edge)])),
    registers: registers.size,
  };
}

function runs(node: GraphNode, kernels: ReadonlyMap<string, Kernel>): boolean {
  return kernels.has(node.name) || node.bodies !== undefined || node.op === "Switch" || node.op === "Merge";
}

function actionOf(node: GraphNode, request: PlanRequest): Action {
  if (node.op === "Switch") return { kind: "switch" };
  if (node.op === "Merge") return { kind: "merge" };
  const { bodies } = node;
  if (bodies === undefined) {
    const kernel = request.kernels.get(node.name) ?? unfed(node);
    return { kind: "kernel", kernel, changesLists: /^Tensor(List|Array)/.test(node.op) };
  }
  const kernel = controlKernel(node.op, bodies.length);
  if (kernel === undefined) throw malformed(`${describeNode(node)} has ${bodies.length} bodies`);
  return { kind: "control", kernel, bodies: bodies.map((body) => planBody(body, request)) };
}

function planBody(body: Body, { kernels, constants }: PlanRequest): BodyPlan {
  const { graph } = body;
  const plan = makePlan({
    graph,
    kernels,
    constants,
    feeds: new Map(body.arguments.filter((name) => graph.has(name)).map((name) => [name, name])),
    results: new Map(body.results.map((name) => [name, name])),
    effects: [...graph.values()].filter(isEffect).map(({ name }) => name),
  });
  return {
    plan,
    parameters: body.arguments.map((name) => plan.feeds.get(name) ?? -1),
    results: [...plan.results.values()],
  };
}

interface Uses {
  /** The step that takes a value last; infinity for results. */
  readonly last: ReadonlyMap<string, number>;
  /** The highest output of each node that somebody takes. */
  readonly highest: ReadonlyMap<string, number>;
}

function usesOf(running: readonly GraphNode[], results: readonly Edge[], source: (edge: Edge) => Edge): Uses {
  const last = new Map<string, number>();
  const highest = new Map<string, number>();
  const use = (edge: Edge, position: number): void => {
    last.set(formatEdge(edge), position);
    highest.set(edge.node, Math.max(highest.get(edge.node) ?? -1, edge.output));
  };
  for (const [position, node] of running.entries()) for (const edge of node.inputs) use(source(edge), position);
  for (const edge of results) use(edge, Number.POSITIVE_INFINITY);
  return { last, highest };
}

/** An argument that a call does not feed stands for its default. */
function defaultOf(edge: Edge, graph: Graph, fed: ReadonlySet<string>): Edge {
  let current = edge;
  for (;;) {
    const node = nodeOf(graph, current.node);
    const [fallback] = node.inputs;
    if (node.op !== ARGUMENT || fed.has(node.name) || fallback === undefined) return current;
    current = fallback;
  }
}

function inputOf(graph: Graph, name: string): Edge {
  const [edge] = nodeOf(graph, name).inputs;
  if (edge === undefined) throw malformed(`${name} has no input`);
  return edge;
}

function isUnfed(node: GraphNode): boolean {
  return node.op === "Placeholder" || (node.op === ARGUMENT && node.inputs.length === 0);
}

/** As in TensorFlow, it is the call that fails and not the load. */
function unfed(node: GraphNode): Kernel {
  return () => {
    throw new ServingError("FAILED_PRECONDITION", `the signature feeds no value to ${describeNode(node)}`);
  };
}
