import type { FunctionDef, GraphDef, NodeDef } from "@servable/tf-proto";
import { malformed } from "../graph/graph-error.js";

/** The body of a function, by names as GraphDefs write them. */
export interface FunctionBody {
  readonly name: string;
  readonly nodes: ReadonlyMap<string, NodeDef>;
  /** Argument names, in order. */
  readonly arguments: readonly string[];
  /** Where each output comes from (`node:output:index`, or an argument), in order. */
  readonly results: readonly string[];
  /** The names of the outputs, in order. */
  readonly resultNames: readonly string[];
  /** Nodes that run although no output needs them. */
  readonly controlResults: readonly string[];
}

/** A graph and the functions that it calls, indexed. */
export interface Library {
  readonly main: ReadonlyMap<string, NodeDef>;
  readonly functions: ReadonlyMap<string, FunctionBody>;
}

/**
 * Indexes a graph and its functions by name.
 * @throws ServingError DATA_LOSS for two nodes or functions of one name, or an output that comes from nowhere
 */
export function indexGraph(graph: GraphDef): Library {
  const functions = new Map<string, FunctionBody>();
  for (const definition of graph.library?.function ?? []) {
    const body = bodyOf(definition);
    if (functions.has(body.name)) throw malformed(`there are two functions ${body.name}`);
    functions.set(body.name, body);
  }
  return { main: byName(graph.node, "the graph"), functions };
}

function bodyOf(definition: FunctionDef): FunctionBody {
  const { signature } = definition;
  if (signature === undefined) throw malformed("a function has no signature");
  const { name, inputArg, outputArg } = signature;
  const results = outputArg.map((output) => {
    const source = definition.ret.get(output.name);
    if (source === undefined) throw malformed(`output ${output.name} of function ${name} comes from nowhere`);
    return source;
  });
  return {
    name,
    nodes: byName(definition.nodeDef, `function ${name}`),
    arguments: inputArg.map((argument) => argument.name),
    results,
    resultNames: outputArg.map((output) => output.name),
    controlResults: [...definition.controlRet.values()],
  };
}

function byName(nodes: readonly NodeDef[], where: string): ReadonlyMap<string, NodeDef> {
  const result = new Map<string, NodeDef>();
  for (const node of nodes) {
    if (result.has(node.name)) throw malformed(`there are two nodes ${node.name} in ${where}`);
    result.set(node.name, node);
  }
  return result;
}
