import type { Tensor } from "@servable/core";
import { type Bundle, openBundle, type ReadFile, VARIABLES_PREFIX } from "@servable/saved-model";
import type { MetaGraphDef } from "@servable/tf-proto";
import { withBodies } from "../graph/bodies.js";
import type { Graph, GraphNode } from "../graph/graph.js";
import { unsupported } from "../graph/graph-error.js";
import { inlineFunctions } from "../inline/inline.js";
import { decodeConstants } from "../parse/decode-constants.js";
import type { Library } from "../parse/library.js";
import { bindVariables, variableReads } from "./bind.js";
import { boundVariables, OBJECT_GRAPH_KEY } from "./object-graph.js";
import { partOf } from "./part.js";
import { restoredBy, type Stored, storedVariables } from "./restore.js";

/** Where a model's variables are. */
export interface CheckpointSource {
  readonly metaGraph: MetaGraphDef;
  readonly library: Library;
  readonly read: ReadFile;
}

/** Values of variables by key. */
export type VariableValues = ReadonlyMap<string, Tensor>;

/** Options of {@link Checkpoint.bind}. */
export interface BindOptions {
  /** Variables that are not taken from the checkpoint. */
  readonly others?: VariableValues;
  /** Whether variables that are nowhere stay as they are. @defaultValue false */
  readonly partly?: boolean;
}

/** The checkpoint of a model. Of its tensors only those are read that something needs. */
export interface Checkpoint {
  /** What TensorFlow runs to restore the model, inlined; without nodes if there is nothing to restore. */
  readonly restore: Graph;
  /** What an output of a RestoreV2 of the restore graph gives. */
  restored(restore: GraphNode, output: number): Promise<Tensor>;
  /**
   * The graph with the variables that it reads as constants.
   * @throws ServingError UNSUPPORTED for a variable that is not in the checkpoint
   */
  bind(graph: Graph, options?: BindOptions): Promise<Graph>;
}

/** The checkpoint of a model; nothing is read before it is asked for. */
export function checkpointOf({ metaGraph, library, read }: CheckpointSource): Checkpoint {
  const restoreOp = metaGraph.saverDef?.restoreOpName ?? "";
  const restore: Graph =
    restoreOp === "" ? new Map() : decodeConstants(inlineFunctions(library, { nodes: [restoreOp] }));
  let bundle: Promise<Bundle> | undefined;
  /** The last whole that a part was taken of: the parts of one follow each other. */
  let whole: { readonly key: string; readonly tensor: Tensor } | undefined;
  const readStored = async (stored: Stored): Promise<Tensor> => {
    bundle ??= openBundle(read, VARIABLES_PREFIX);
    if (stored.slice === "") return (await bundle).read(stored.key);
    if (whole?.key !== stored.key) whole = { key: stored.key, tensor: await (await bundle).read(stored.key) };
    return partOf(whole.tensor, stored);
  };
  let objects: ReadonlyMap<string, Stored> | undefined;
  const byObjects = async (): Promise<ReadonlyMap<string, Stored>> => {
    if (restoreOp === "") return new Map();
    bundle ??= openBundle(read, VARIABLES_PREFIX);
    const open = await bundle;
    objects ??= open.has(OBJECT_GRAPH_KEY)
      ? boundVariables(metaGraph, library, await open.read(OBJECT_GRAPH_KEY))
      : new Map<string, Stored>();
    return objects;
  };
  return {
    restore,
    restored: (node, output) => readStored(restoredBy(restore, node, output)),
    async bind(graph, { others = new Map(), partly = false } = {}) {
      const wanted = new Set(readsIn(graph));
      const stored = storedVariables(restore);
      const values = new Map(others);
      for (const variable of wanted) {
        if (values.has(variable)) continue;
        const found = stored.get(variable) ?? (partly ? undefined : (await byObjects()).get(variable));
        if (found !== undefined) values.set(variable, await readStored(found));
        else if (!partly) throw notRestored(variable, restoreOp);
      }
      whole = undefined;
      return withBodies((each) => bindVariables(each, values))(graph);
    },
  };
}

/** The variables that a graph and its bodies read. */
function readsIn(graph: Graph): readonly string[] {
  const own = [...variableReads(graph).values()];
  return [...own, ...bodiesOf(graph).flatMap(readsIn)];
}

function bodiesOf(graph: Graph): readonly Graph[] {
  return [...graph.values()].flatMap(({ bodies = [] }) => bodies.map((body) => body.graph));
}

function notRestored(variable: string, restoreOp: string): Error {
  if (restoreOp === "")
    return unsupported("the model has variables and no restore op that says where their values are");
  return unsupported(`variable ${variable.replace(/^\//, "")} is not restored from the checkpoint`);
}
