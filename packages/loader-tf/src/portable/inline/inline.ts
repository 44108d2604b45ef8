import type { NodeDef } from "@servable/tf-proto";
import { type Attribute, type Edge, type Graph, type GraphNode, NO_ATTRIBUTES, RESULT } from "../graph/graph.js";
import { malformed } from "../graph/graph-error.js";
import { attributesOf } from "../parse/attribute.js";
import type { Library } from "../parse/library.js";
import { resolveAliases } from "./aliases.js";
import { outputNumber, parseReference } from "./reference.js";

/** Functions nested deeper than this are taken for recursive: TensorFlow's exporters nest a handful. */
const MAX_DEPTH = 100;
/** A few functions that call each other twice can name more nodes than there is memory: nodes and edges, … */
const MAX_NODES = 500_000;
const MAX_EDGES = 4_000_000;
/** … and the characters of all names, which grow with each call that they are within. */
const MAX_NAMES = 2 ** 27;

const CALLS: ReadonlySet<string> = new Set(["PartitionedCall", "StatefulPartitionedCall"]);

/** A graph, or a function's body at one call. */
interface Scope {
  /** Goes before the names of the nodes: empty for the graph itself, `call/` within a call. */
  readonly prefix: string;
  readonly depth: number;
  readonly nodes: ReadonlyMap<string, NodeDef>;
  readonly arguments: ReadonlySet<string>;
  /** The attributes of the call, which a body's placeholders stand for. */
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** What a graph is inlined for. */
export interface Wanted {
  /** Nodes that should run. */
  readonly nodes?: readonly string[];
  /** Names of result nodes to make, with the tensor that each takes: `StatefulPartitionedCall:0`. */
  readonly results?: ReadonlyMap<string, string>;
}

/**
 * What the `wanted` nodes and results need, with every function call replaced by the function's nodes. Names within a call get the
 * call's name and a slash before them. A call itself becomes a `NoOp` that waits for what the function runs for its
 * effect; whoever takes one of its outputs waits for that too.
 * @throws ServingError DATA_LOSS for inputs from nowhere, or functions that call themselves
 */
export function inlineFunctions(library: Library, wanted: Wanted): Graph {
  const nodes = new Map<string, GraphNode>();
  const aliases = new Map<string, Edge>();
  const work: { readonly scope: Scope; readonly name: string }[] = [];
  const seen = new Set<string>();
  // Calls of one function share what its nodes say.
  const written = new Map<NodeDef, ReadonlyMap<string, Attribute>>();
  let [edges, characters] = [0, 0];

  const account = (count: number): void => {
    edges += count;
    if (edges > MAX_EDGES) throw malformed(`its functions unfold to more than ${MAX_EDGES} edges`);
  };

  const visit = (scope: Scope, name: string): void => {
    const key = scope.prefix + name;
    if (seen.has(key)) return;
    seen.add(key);
    characters += key.length;
    if (seen.size > MAX_NODES || characters > MAX_NAMES) {
      throw malformed(`its functions unfold to more than ${MAX_NODES} nodes, or names of ${MAX_NAMES} characters`);
    }
    work.push({ scope, name });
  };

  const edgeTo = (scope: Scope, input: string): Edge => {
    const reference = parseReference(input);
    if (reference.control) throw malformed(`"${input}" is no tensor`);
    const { node, output, index } = reference;
    if (scope.arguments.has(node)) return { node: scope.prefix + node, output: 0 };
    visit(scope, node);
    const op = scope.nodes.get(node)?.op ?? "";
    return { node: scope.prefix + node, output: output === undefined ? index : outputNumber(op, output, index) };
  };

  const main: Scope = { prefix: "", depth: 0, nodes: library.main, arguments: new Set(), attributes: NO_ATTRIBUTES };
  for (const root of wanted.nodes ?? []) visit(main, root);
  for (const [name, tensorName] of wanted.results ?? []) {
    nodes.set(name, resultNode(name, edgeTo(main, tensorName)));
  }

  for (let item = work.pop(); item !== undefined; item = work.pop()) {
    const { scope, name } = item;
    const definition = scope.nodes.get(name);
    if (definition === undefined) throw malformed(`there is no node ${scope.prefix}${name}`);
    account(definition.input.length);
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
    const own = written.get(definition) ?? attributesOf(definition.attr);
    written.set(definition, own);
    const attributes = substitute(own, scope.attributes);
    const key = scope.prefix + name;
    const callee = calleeOf(definition, attributes, library);
    if (callee === undefined) {
      nodes.set(key, { name: key, op: definition.op, inputs, controls, attributes });
      continue;
    }
    if (scope.depth >= MAX_DEPTH) throw malformed(`function ${callee.name} is called ${MAX_DEPTH} deep`);
    const body: Scope = {
      prefix: `${key}/`,
      depth: scope.depth + 1,
      nodes: callee.nodes,
      arguments: new Set(callee.arguments),
      attributes,
    };
    for (const [index, argument] of callee.arguments.entries()) {
      const given = inputs[index];
      if (given === undefined) throw malformed(`${key} calls ${callee.name} without argument ${argument}`);
      aliases.set(`${body.prefix}${argument}:0`, given);
    }
    account(callee.results.length + callee.controlResults.length);
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

function resultNode(name: string, input: Edge): GraphNode {
  return { name, op: RESULT, inputs: [input], controls: [], attributes: NO_ATTRIBUTES };
}

function calleeOf(
  definition: NodeDef,
  attributes: ReadonlyMap<string, Attribute>,
  library: Library,
): ReturnType<Library["functions"]["get"]> {
  // TensorFlow 1 calls a function by an op of its name.
  if (!CALLS.has(definition.op)) return library.functions.get(definition.op);
  const attribute = attributes.get("f");
  if (typeof attribute !== "object" || !("function" in attribute)) {
    throw malformed(`${definition.name} does not say which function it calls`);
  }
  const callee = library.functions.get(attribute.function);
  if (callee === undefined) throw malformed(`${definition.name} calls ${attribute.function}, which does not exist`);
  return callee;
}

function substitute(
  attributes: ReadonlyMap<string, Attribute>,
  call: ReadonlyMap<string, Attribute>,
): ReadonlyMap<string, Attribute> {
  const given = [...attributes].flatMap(([name, attribute]): [string, Attribute][] => {
    if (typeof attribute !== "object" || !("placeholder" in attribute)) return [];
    const value = call.get(attribute.placeholder);
    return value === undefined ? [] : [[name, value]];
  });
  return given.length === 0 ? attributes : new Map([...attributes, ...given]);
}
