import type { NodeDef } from "@servable/tf-proto";
import { namedBodies } from "../control/functional.js";
import {
  ARGUMENT,
  type Attributes,
  type Body,
  type Edge,
  type Graph,
  type GraphNode,
  NO_ATTRIBUTES,
  RESULT,
} from "../graph/graph.js";
import { malformed } from "../graph/graph-error.js";
import { attributesOf, substituted } from "../parse/attribute.js";
import type { FunctionBody, Library } from "../parse/library.js";
import { resolveAliases } from "./aliases.js";
import { outputNumber, parseReference } from "./reference.js";

/** Functions nested deeper than this are taken for recursive: TensorFlow's exporters nest a handful. */
const MAX_DEPTH = 100;
/** A few functions that call each other twice can name more nodes than there is memory. */
const MAX_NODES = 500_000;

const CALLS: ReadonlySet<string> = new Set(["PartitionedCall", "StatefulPartitionedCall"]);

const REFERENCE = /^Ref(?=(?:Enter|Exit|Identity|Merge|NextIteration|Select|Switch)$)/;

/** A graph, or a function's body at one call. */
interface Scope {
  /** Goes before the names of the nodes: empty for the graph itself, `call/` within a call. */
  readonly prefix: string;
  readonly depth: number;
  readonly nodes: ReadonlyMap<string, NodeDef>;
  readonly arguments: ReadonlySet<string>;
  /** The attributes of the call, which a body's placeholders stand for. */
  readonly attributes: Attributes;
}

/** What a graph is inlined for. */
export interface Wanted {
  /** Nodes that should run. */
  readonly nodes?: readonly string[];
  /** Names of result nodes to make, with the tensor that each takes: `StatefulPartitionedCall:0`. */
  readonly results?: ReadonlyMap<string, string>;
}

/**
 * What the `wanted` nodes and results need, with every function call replaced by the function's nodes. Names within a
 * call get the call's name and a slash before them. A call itself becomes a `NoOp` that waits for what the function
 * runs for its effect; whoever takes one of its outputs waits for that too. The functions that control flow runs become
 * its bodies.
 * @throws ServingError DATA_LOSS for inputs from nowhere, or functions that call themselves
 */
export function inlineFunctions(library: Library, wanted: Wanted): Graph {
  const main: Scope = { prefix: "", depth: 0, nodes: library.main, arguments: new Set(), attributes: NO_ATTRIBUTES };
  return new Inliner(library).inline(main, wanted);
}

class Inliner {
  readonly #library: Library;
  #nodeCount = 0;

  constructor(library: Library) {
    this.#library = library;
  }

  inline(main: Scope, wanted: Wanted): Graph {
    const nodes = new Map<string, GraphNode>();
    const aliases = new Map<string, Edge>();
    const work: { readonly scope: Scope; readonly name: string }[] = [];
    const seen = new Set<string>();

    const visit = (scope: Scope, name: string): void => {
      const key = scope.prefix + name;
      if (seen.has(key)) return;
      seen.add(key);
      if (++this.#nodeCount > MAX_NODES) throw malformed(`its functions unfold to more than ${MAX_NODES} nodes`);
      work.push({ scope, name });
    };

    const edgeTo = (scope: Scope, input: string): Edge => {
      const reference = parseReference(input);
      if (reference.control) throw malformed(`"${input}" is no tensor`);
      const { node, output, index } = reference;
      if (scope.arguments.has(node)) return { node: scope.prefix + node, output: 0 };
      visit(scope, node);
      const from = scope.nodes.get(node);
      const isNumbered = output === undefined || from === undefined;
      return { node: scope.prefix + node, output: isNumbered ? index : outputNumber(from, output, index) };
    };

    for (const root of wanted.nodes ?? []) visit(main, root);
    for (const [name, tensorName] of wanted.results ?? []) nodes.set(name, resultNode(name, edgeTo(main, tensorName)));

    for (let item = work.pop(); item !== undefined; item = work.pop()) {
      const { scope, name } = item;
      const definition = scope.nodes.get(name);
      if (definition === undefined) throw malformed(`there is no node ${scope.prefix}${name}`);
      const inputs: Edge[] = [];
      const controls: string[] = [];
      for (const input of definition.input) {
        const reference = parseReference(input);
        if (!reference.control) inputs.push(edgeTo(scope, input));
        else if (!scope.arguments.has(reference.node)) {
          visit(scope, reference.node);
          controls.push(scope.prefix + reference.node);
        }
      }
      const attributes = substituted(attributesOf(definition.attr), scope.attributes);
      const key = scope.prefix + name;
      // What goes by reference in TensorFlow 1 goes by value here, since nothing changes it.
      const op = definition.op.replace(REFERENCE, "");
      const node: GraphNode = { name: key, op, inputs, controls, attributes };
      const callee = this.#calleeOf(definition, attributes);
      if (callee === undefined) {
        nodes.set(key, this.#withBodies(node, scope.depth));
        continue;
      }
      const body = this.#scopeOf(callee, { prefix: `${key}/`, depth: scope.depth + 1, attributes });
      for (const [index, argument] of callee.arguments.entries()) {
        const given = inputs[index];
        if (given === undefined) throw malformed(`${key} calls ${callee.name} without argument ${argument}`);
        aliases.set(`${body.prefix}${argument}:0`, given);
      }
      const results = callee.results.map((result) => edgeTo(body, result));
      for (const [index, result] of results.entries()) aliases.set(`${key}:${index}`, result);
      for (const control of callee.controlResults) {
        visit(body, control);
        controls.push(body.prefix + control);
      }
      nodes.set(key, { name: key, op: "NoOp", inputs: [], controls, attributes: NO_ATTRIBUTES });
    }
    return resolveAliases(nodes, aliases);
  }

  /** The node with the functions that it runs, if it runs any. */
  #withBodies(node: GraphNode, depth: number): GraphNode {
    const named = namedBodies(node.op, node.attributes);
    if (named === undefined) return node;
    const bodies = named.map(({ role, callee }): Body => {
      if (callee === undefined) throw malformed(`${node.name} does not say what its ${role} is`);
      const prefix = `${node.name}/${role}/`;
      return this.#body(this.#function(callee, node.name), { prefix, depth: depth + 1, attributes: node.attributes });
    });
    return { ...node, bodies };
  }

  #body(callee: FunctionBody, call: Call): Body {
    const scope = this.#scopeOf(callee, call);
    const results = callee.results.map((result, at) => ({ name: `${scope.prefix}result:${at}`, result }));
    const graph = this.inline(scope, {
      nodes: callee.controlResults,
      results: new Map(results.map(({ name, result }) => [name, result])),
    });
    const parameters = callee.arguments.map((name) => scope.prefix + name);
    const takers = parameters.map((name): [string, GraphNode] => [
      name,
      { name, op: ARGUMENT, inputs: [], controls: [], attributes: NO_ATTRIBUTES },
    ]);
    return {
      graph: new Map([...graph, ...takers]),
      arguments: parameters,
      results: results.map(({ name }) => name),
    };
  }

  #scopeOf(callee: FunctionBody, call: Call): Scope {
    if (call.depth > MAX_DEPTH) throw malformed(`function ${callee.name} is called ${MAX_DEPTH} deep`);
    return { ...call, nodes: callee.nodes, arguments: new Set(callee.arguments) };
  }

  #calleeOf(definition: NodeDef, attributes: Attributes): FunctionBody | undefined {
    // TensorFlow 1 calls a function by an op of its name.
    if (!CALLS.has(definition.op)) return this.#library.functions.get(definition.op);
    const attribute = attributes.get("f");
    if (typeof attribute !== "object" || !("function" in attribute)) {
      throw malformed(`${definition.name} does not say which function it calls`);
    }
    return this.#function(attribute.function, definition.name);
  }

  #function(name: string, caller: string): FunctionBody {
    const found = this.#library.functions.get(name);
    if (found === undefined) throw malformed(`${caller} calls ${name}, which does not exist`);
    return found;
  }
}

/** How a function is called. */
type Call = Pick<Scope, "prefix" | "depth" | "attributes">;

function resultNode(name: string, input: Edge): GraphNode {
  return { name, op: RESULT, inputs: [input], controls: [], attributes: NO_ATTRIBUTES };
}
