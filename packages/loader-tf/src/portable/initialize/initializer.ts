import { assetPath, assetsOf, initOpOf } from "@servable/saved-model";
import type { MetaGraphDef } from "@servable/tf-proto";
import { constantNode, type Graph, type GraphNode } from "../graph/graph.js";
import { topological } from "../graph/walk.js";
import { inlineFunctions } from "../inline/inline.js";
import { parseReference } from "../inline/reference.js";
import { bytesOf } from "../kernels/host/bytes.js";
import { KERNELS } from "../kernels/registry.js";
import { decodeConstants } from "../parse/decode-constants.js";
import type { Library } from "../parse/library.js";
import type { Checkpoint } from "../variables/checkpoint.js";
import { sourceOf } from "../variables/handle.js";

/** Ops that fill a table: with the keys and values given, or with those of a file. */
export const FILLING_OPS: ReadonlySet<string> = new Set([
  "InitializeTable",
  "InitializeTableFromTextFile",
  "InitializeTableFromTextFileV2",
  "InitializeTableV2",
  "LookupTableImport",
  "LookupTableImportV2",
]);

/** Ops of an initializer that have no effect of their own. */
const GROUPING: ReadonlySet<string> = new Set(["NoOp", "Const", "Placeholder", "PlaceholderWithDefault", "RestoreV2"]);

/** What runs once when a model is loaded, each node after what it needs. */
export interface Initializer {
  readonly graph: Graph;
  readonly order: readonly GraphNode[];
}

/** What a model's initializer is made from. */
export interface InitializerSource {
  readonly metaGraph: MetaGraphDef;
  readonly library: Library;
  readonly checkpoint: Checkpoint;
}

/**
 * What fills the tables of a model: first what its restore graph imports from the checkpoint, then what its init op
 * runs. Assets are constants that hold their path, as they are in TensorFlow.
 * @throws SavedModelError INVALID_ARGUMENT for an asset outside of the model's folder
 */
export async function initializerOf({ metaGraph, library, checkpoint }: InitializerSource): Promise<Initializer> {
  const initOp = initOpOf(metaGraph);
  const imports = [...checkpoint.restore.values()].filter(({ op }) => FILLING_OPS.has(op)).map(({ name }) => name);
  if (initOp === undefined && imports.length === 0) return { graph: new Map(), order: [] };
  const own = inlineFunctions(library, { nodes: initOp === undefined ? [] : [initOp] });
  const graph = await checkpoint.bind(decodeConstants(withAssets(new Map([...own, ...checkpoint.restore]), metaGraph)));
  const roots = initOp === undefined ? imports : [...imports, initOp];
  return { graph, order: topological(graph, roots, { controls: true }) };
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

/** The nodes of an initializer that can neither be run nor passed over, as nodes without a kernel are. */
export function unsupportedInitializers({ order }: Initializer): readonly GraphNode[] {
  return order.filter(({ op }) => !GROUPING.has(op) && !FILLING_OPS.has(op) && !KERNELS.has(op));
}

/** The tensors of the checkpoint that an initializer takes: the node that restores them, and which of its outputs. */
export function restoredOutputs({ graph, order }: Initializer): ReadonlyMap<string, readonly number[]> {
  const outputs = new Map<string, number[]>();
  for (const edge of order.flatMap(({ inputs }) => inputs)) {
    const { node, output } = sourceOf(graph, edge);
    if (graph.get(node)?.op === "RestoreV2") outputs.set(node, [...(outputs.get(node) ?? []), output]);
  }
  return outputs;
}
