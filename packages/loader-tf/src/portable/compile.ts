import type { Progress, Tensor } from "@servable/core";
import {
  initOpOf,
  openBundle,
  parseSavedModel,
  type ReadFile,
  SAVED_MODEL_FILE,
  selectMetaGraph,
  signaturesOf,
  VARIABLES_PREFIX,
} from "@servable/saved-model";
import type { MetaGraphDef } from "@servable/tf-proto";
import { evaluator } from "./fold/evaluate.js";
import { removeIdentities } from "./fold/remove-identities.js";
import { dropControls, effectsByResult, prune } from "./graph/effects.js";
import type { Graph, GraphNode } from "./graph/graph.js";
import { malformed, unsupported } from "./graph/graph-error.js";
import { unsupportedInitializers } from "./initialize/initialize.js";
import { inlineFunctions } from "./inline/inline.js";
import { markFeeds } from "./inline/mark-feeds.js";
import { KERNELS } from "./kernels/registry.js";
import { type OptimizeOptions, optimize, type StageSize } from "./optimize/passes.js";
import { decodeConstants } from "./parse/decode-constants.js";
import { indexGraph, type Library } from "./parse/library.js";
import { kernelsOf } from "./plan/check-operations.js";
import type { BoundSignature, Program } from "./program.js";
import type { Device } from "./run/device.js";
import { bindVariables, variableReads } from "./variables/bind.js";
import { checkpointKeys } from "./variables/restore.js";

/** What a SavedModel is compiled from and for. */
export interface CompileRequest {
  readonly read: ReadFile;
  readonly tags: readonly string[];
  readonly optimize: OptimizeOptions;
  readonly device: Device;
  readonly report: (progress: Progress) => void;
}

/**
 * Compiles a SavedModel: parse, inline functions, bind variables, check operations, optimize.
 * @throws SavedModelError for files that are damaged, ServingError UNSUPPORTED with the whole list of what cannot be run
 */
export async function compile(request: CompileRequest): Promise<Program> {
  const { read, tags, device, report } = request;
  report({ stage: "parse" });
  const metaGraph = selectMetaGraph(parseSavedModel(await read(SAVED_MODEL_FILE)), tags);
  if (metaGraph.graphDef === undefined) throw malformed("the meta graph has no graph");
  const library = indexGraph(metaGraph.graphDef);
  const saved = signaturesOf(metaGraph);
  if (saved.size === 0)
    throw unsupported("the model has no signatures; export it with tf.saved_model.save(signatures=…)");

  const inlined = inlineFunctions(library, { results: resultNodes(saved) });
  const inputs = [...saved.values()].flatMap(({ inputs }) => Object.values(inputs));
  const marked = markFeeds(inlined, new Set(inputs.map(({ tensorName }) => tensorName)));
  const effects = effectsByResult(marked.graph);
  const signatures = new Map(
    [...saved].map(([name, signature]): [string, BoundSignature] => [
      name,
      {
        signature,
        feeds: presentOnly(
          Object.entries(signature.inputs).map(([input, { tensorName }]) => [input, marked.feeds.get(tensorName)]),
        ),
        results: new Map(Object.keys(signature.outputs).map((output) => [output, resultName(name, output)])),
        effects,
      },
    ]),
  );
  const decoded = decodeConstants(prune(dropControls(marked.graph)));
  report({ stage: "read variables" });
  const bound = prune(await withVariables(decoded, { metaGraph, library, read }));
  const variables: StageSize = { stage: "variables", before: decoded.size, after: bound.size };

  report({ stage: "compile" });
  kernelsOf(prune(removeIdentities(bound)), KERNELS, initializersOf(metaGraph, library));
  const { graph, stages } = optimize(bound, request.optimize, { evaluate: evaluator(device) });
  const constants = [...graph.values()].flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }]));
  return {
    signatures,
    graph,
    kernels: kernelsOf(graph, KERNELS),
    constants: constants.map(({ value }) => value),
    constantNumbers: new Map(constants.map(({ name }, number) => [name, number])),
    constantBytes: constants.reduce((sum, { value }) => sum + bytesOf(value), 0),
    stages: [variables, ...stages],
  };
}

type Signatures = ReturnType<typeof signaturesOf>;

function resultName(signature: string, output: string): string {
  return `result:${JSON.stringify([signature, output])}`;
}

function resultNodes(signatures: Signatures): ReadonlyMap<string, string> {
  const results = new Map<string, string>();
  for (const [name, { outputs }] of signatures) {
    for (const [output, { tensorName }] of Object.entries(outputs)) results.set(resultName(name, output), tensorName);
  }
  return results;
}

function presentOnly(entries: readonly (readonly [string, string | undefined])[]): ReadonlyMap<string, string> {
  return new Map(entries.flatMap(([name, node]) => (node === undefined ? [] : [[name, node]])));
}

interface VariableSource {
  readonly metaGraph: MetaGraphDef;
  readonly library: Library;
  readonly read: ReadFile;
}

/** The graph with the variables that it reads as constants; only those are read from the checkpoint. */
async function withVariables(graph: Graph, { metaGraph, library, read }: VariableSource): Promise<Graph> {
  const wanted = new Set(variableReads(graph).values());
  if (wanted.size === 0) return graph;
  const restoreOp = metaGraph.saverDef?.restoreOpName ?? "";
  if (restoreOp === "") throw unsupported("the model has variables and no restore op that says where their values are");
  const restore = decodeConstants(inlineFunctions(library, { nodes: [restoreOp] }));
  const keys = checkpointKeys(restore);
  const bundle = await openBundle(read, VARIABLES_PREFIX);
  const values = new Map<string, Tensor>();
  for (const variable of wanted) {
    const key = keys.get(variable);
    if (key === undefined)
      throw unsupported(`variable ${variable.replace(/^\//, "")} is not restored from the checkpoint`);
    values.set(variable, await bundle.read(key));
  }
  return bindVariables(graph, values);
}

function initializersOf(metaGraph: MetaGraphDef, library: Library): readonly GraphNode[] {
  const initOp = initOpOf(metaGraph);
  return initOp === undefined ? [] : unsupportedInitializers(inlineFunctions(library, { nodes: [initOp] }));
}

function bytesOf({ data }: Tensor): number {
  if (ArrayBuffer.isView(data)) return data.byteLength;
  return data.reduce((sum, element) => sum + element.byteLength, 0);
}
