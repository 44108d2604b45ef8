import type { Tensor } from "@servable/core";
import { assetPath, assetsOf, initOpOf, type ReadFile } from "@servable/saved-model";
import type { MetaGraphDef } from "@servable/tf-proto";
import { type Evaluate, foldConstants } from "../fold/fold-constants.js";
import { removeIdentities } from "../fold/remove-identities.js";
import { dropControls, prune } from "../graph/effects.js";
import { constantNode, type Edge, type Graph, type GraphNode, NO_ATTRIBUTES, RESULT } from "../graph/graph.js";
import { describeNode, malformed, unsupported } from "../graph/graph-error.js";
import { topological } from "../graph/walk.js";
import { inlineFunctions } from "../inline/inline.js";
import { parseReference } from "../inline/reference.js";
import { bytesOf, textOf } from "../kernels/host/bytes.js";
import { KERNELS } from "../kernels/registry.js";
import { decodeConstants } from "../parse/decode-constants.js";
import type { Library } from "../parse/library.js";
import { hasReservedKeys, TABLE_OPS, type Tables } from "../tables/table-node.js";
import type { Checkpoint } from "../variables/checkpoint.js";
import { ASSIGNMENTS, sourceOf, VARIABLE_OPS, variableKey } from "../variables/handle.js";
import { type NamedFile, readTextFile, textFileFormat } from "./text-file.js";

/** Ops that fill a table with keys and values, or with what a file says. */
const FILLS: ReadonlySet<string> = new Set([
  "InitializeTable",
  "InitializeTableV2",
  "LookupTableImport",
  "LookupTableImportV2",
]);
const FILE_FILLS: ReadonlySet<string> = new Set(["InitializeTableFromTextFile", "InitializeTableFromTextFileV2"]);

/** Ops of an initializer that do nothing that stays. */
const GROUPING: ReadonlySet<string> = new Set([
  ...TABLE_OPS,
  ...VARIABLE_OPS,
  "NoOp",
  "Const",
  "Placeholder",
  "ReadVariableOp",
  "RestoreV2",
]);

/** What a model's initializer is made from. */
export interface InitializerSource {
  readonly metaGraph: MetaGraphDef;
  readonly library: Library;
  readonly checkpoint: Checkpoint;
  readonly read: ReadFile;
  readonly evaluate: Evaluate;
  /** Filled by the initializer. */
  readonly tables: Tables;
}

/** What an initializer leaves behind. */
export interface Initialized {
  /** Values of variables, by key, that the initializer sets. */
  readonly variables: ReadonlyMap<string, Tensor>;
  /** Nodes of it that would do something that cannot be done here. */
  readonly unsupported: readonly GraphNode[];
}

/**
 * Fills the tables of a model, and gives the variables that are not in its checkpoint: first what its restore graph
 * imports, then what its init op runs, as TensorFlow does. Assets are constants that hold their path.
 * @throws SavedModelError INVALID_ARGUMENT for an asset outside of the model's folder, ServingError UNSUPPORTED for a
 * value that depends on more than constants, INVALID_ARGUMENT for a vocabulary file that is not as the model says
 */
export async function initialize(source: InitializerSource): Promise<Initialized> {
  const { metaGraph, library, checkpoint } = source;
  const initOp = initOpOf(metaGraph);
  const imports = [...checkpoint.restore.values()].filter(({ op }) => FILLS.has(op)).map(({ name }) => name);
  const own = initOp === undefined ? [] : inlineFunctions(library, { nodes: [initOp] });
  const whole = decodeConstants(withAssets(new Map([...checkpoint.restore, ...own]), metaGraph));
  const roots = initOp === undefined ? imports : [...imports, initOp];
  const order = topological(whole, roots, { controls: true });
  const needed = new Map(order.map((node) => [node.name, node]));
  const bound = await checkpoint.bind(needed, { partly: true });
  const assignments = order.filter(({ op }) => ASSIGNMENTS.has(op));
  const values = await valuesOf(assignments, { graph: bound, source });
  const variables = new Map<string, Tensor>();
  for (const node of assignments) variables.set(variableKey(needed, inputOf(node, 0), node), values(node, 1));
  // A table may be filled from a file whose name lies in a variable that has just been set.
  const graph = await checkpoint.bind(needed, { others: variables, partly: true });
  await fillTables(
    order.filter(({ op }) => FILLS.has(op) || FILE_FILLS.has(op)),
    { graph, source },
  );
  return { variables, unsupported: order.filter(({ op }) => !isAction(op) && !GROUPING.has(op) && !KERNELS.has(op)) };
}

async function fillTables(fills: readonly GraphNode[], context: Context): Promise<void> {
  const { graph, source } = context;
  const values = await valuesOf(fills, context);
  for (const node of fills) {
    const handle = graph.get(sourceOf(graph, inputOf(node, 0)).node);
    if (handle === undefined || !TABLE_OPS.includes(handle.op)) {
      throw unsupported(`${describeNode(node)} fills a table that comes from ${handle?.op ?? "nowhere"}`);
    }
    const table = source.tables.of(handle);
    const except = hasReservedKeys(handle.op) ? [0, 1].map((at) => constantOf(graph, inputOf(handle, at))) : [];
    if (FILLS.has(node.op)) table.fill(values(node, 1), values(node, 2), except);
    else table.fill(...readTextFile(await fileOf(node, values(node, 1), source), textFileFormat(node), table.type));
  }
}

function constantOf(graph: Graph, edge: Edge): Tensor {
  const source = graph.get(sourceOf(graph, edge).node);
  if (source?.value !== undefined) return source.value;
  throw unsupported(`a table whose reserved keys come from ${source === undefined ? "nowhere" : describeNode(source)}`);
}

async function fileOf(node: GraphNode, path: Tensor, { read }: InitializerSource): Promise<NamedFile> {
  const [name] = path.data;
  if (!(name instanceof Uint8Array)) throw malformed(`${describeNode(node)} names no file`);
  return { name: textOf(name), bytes: await read(textOf(name)) };
}

function inputOf(node: GraphNode, index: number): Edge {
  const edge = node.inputs[index];
  if (edge === undefined) throw malformed(`${describeNode(node)} has no input ${index}`);
  return edge;
}

function isAction(op: string): boolean {
  return FILLS.has(op) || FILE_FILLS.has(op) || ASSIGNMENTS.has(op);
}

interface Context {
  readonly graph: Graph;
  readonly source: InitializerSource;
}

function withAssets(graph: Graph, metaGraph: MetaGraphDef): Graph {
  const nodes = new Map(graph);
  for (const { filename, tensorName } of assetsOf(metaGraph)) {
    const { node } = parseReference(tensorName);
    const path = bytesOf(assetPath(filename));
    if (nodes.has(node)) nodes.set(node, constantNode(node, { dtype: "string", shape: [], data: [path] }));
  }
  return nodes;
}

/** The values of the actions' inputs: computed from constants, or read from the checkpoint. */
async function valuesOf(
  actions: readonly GraphNode[],
  { graph, source }: Context,
): Promise<(node: GraphNode, input: number) => Tensor> {
  const nodes = new Map(graph);
  const wanted = actions.flatMap((node) => node.inputs.slice(1).map((edge, at) => ({ node, edge, input: at + 1 })));
  for (const { node, edge, input } of wanted) {
    const name = resultName(node, input);
    nodes.set(name, { name, op: RESULT, inputs: [edge], controls: [], attributes: NO_ATTRIBUTES });
  }
  const pruned = removeIdentities(prune(dropControls(nodes)));
  const replaced = new Map(pruned);
  for (const node of pruned.values()) {
    const inputs: Edge[] = [];
    for (const edge of node.inputs) {
      const restore = pruned.get(edge.node);
      if (restore?.op !== "RestoreV2") inputs.push(edge);
      else inputs.push(await restoredConstant(edge, { restore, nodes: replaced, source }));
    }
    replaced.set(node.name, { ...node, inputs });
  }
  const folded = foldConstants(prune(replaced), source.evaluate);
  return (node, input) => {
    const [edge] = folded.get(resultName(node, input))?.inputs ?? [];
    const value = edge && folded.get(edge.node)?.value;
    if (value !== undefined) return value;
    throw unsupported(`${describeNode(node)} sets up the model with more than constants; use engine: "native"`);
  };
}

function resultName(node: GraphNode, input: number): string {
  return `${node.name}/input:${input}`;
}

interface Restoring {
  readonly restore: GraphNode;
  readonly nodes: Map<string, GraphNode>;
  readonly source: InitializerSource;
}

async function restoredConstant({ node, output }: Edge, { restore, nodes, source }: Restoring): Promise<Edge> {
  const name = `${node}/restored:${output}`;
  if (!nodes.has(name)) nodes.set(name, constantNode(name, await source.checkpoint.restored(restore, output)));
  return { node: name, output: 0 };
}
