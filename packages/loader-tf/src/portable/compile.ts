import type { Progress, Tensor } from "@servable/core";
import { parseSavedModel, type ReadFile, SAVED_MODEL_FILE, selectMetaGraph, signaturesOf } from "@servable/saved-model";
import { guardBranches } from "./control/guards.js";
import { structureLoops } from "./control/loops.js";
import { sinkSources } from "./control/sink.js";
import { evaluator } from "./fold/evaluate.js";
import { removeIdentities } from "./fold/remove-identities.js";
import { allNodes, withBodies } from "./graph/bodies.js";
import { dropControls, effectsByResult, prune } from "./graph/effects.js";
import type { Graph } from "./graph/graph.js";
import { malformed, unsupported } from "./graph/graph-error.js";
import { initialize } from "./initialize/initializer.js";
import { inlineFunctions } from "./inline/inline.js";
import { markFeeds } from "./inline/mark-feeds.js";
import { KERNELS } from "./kernels/registry.js";
import { type OptimizeOptions, optimize, stageSize } from "./optimize/passes.js";
import { decodeConstants } from "./parse/decode-constants.js";
import { indexGraph } from "./parse/library.js";
import { kernelsOf } from "./plan/check-operations.js";
import type { BoundSignature, Program } from "./program.js";
import type { Device } from "./run/device.js";
import { Tables } from "./tables/table-node.js";
import { checkpointOf } from "./variables/checkpoint.js";
import { dropUnseenState } from "./variables/unseen-state.js";

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
  const structured = guardBranches(withBodies(structureLoops)(inlined));
  const marked = markFeeds(structured, new Set(inputs.map(({ tensorName }) => tensorName)));
  const stateless = dropUnseenState(marked.graph);
  const effects = effectsByResult(stateless);
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
  const decoded = sinkSources(decodeConstants(prune(dropControls(stateless))));
  report({ stage: "read variables" });
  const checkpoint = checkpointOf({ metaGraph, library, read });
  const evaluate = evaluator(device);
  const tables = new Tables();
  const initialized = await initialize({ metaGraph, library, checkpoint, read, evaluate, tables });
  const bound = prune(tables.bind(await checkpoint.bind(decoded, { others: initialized.variables })));

  report({ stage: "compile" });
  kernelsOf(prune(withBodies(removeIdentities)(bound)), KERNELS, initialized.unsupported);
  const { graph, stages } = optimize(bound, request.optimize, { evaluate });
  const constants = constantsOf(graph);
  return {
    signatures,
    graph,
    kernels: kernelsOf(graph, KERNELS),
    constants: constants.map(({ value }) => value),
    constantNumbers: new Map(constants.map(({ name }, number) => [name, number])),
    constantBytes: constants.reduce((sum, { value }) => sum + bytesOf(value), 0),
    stages: [stageSize("variables", decoded, bound), ...stages],
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

/** The constants of a graph and its bodies. One that is in several of them, by one name, is one. */
function constantsOf(graph: Graph): readonly { readonly name: string; readonly value: Tensor }[] {
  const constants = new Map<string, Tensor>();
  for (const { name, value } of allNodes(graph)) if (value !== undefined) constants.set(name, value);
  return [...constants].map(([name, value]) => ({ name, value }));
}

function bytesOf({ data }: Tensor): number {
  if (ArrayBuffer.isView(data)) return data.byteLength;
  return data.reduce((sum, element) => sum + element.byteLength, 0);
}
