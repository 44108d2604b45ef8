import type { Tensor } from "@servable/core";
import { type Bundle, openBundle, type ReadFile, VARIABLES_PREFIX } from "@servable/saved-model";
import type { MetaGraphDef } from "@servable/tf-proto";
import type { Graph } from "../graph/graph.js";
import { unsupported } from "../graph/graph-error.js";
import { inlineFunctions } from "../inline/inline.js";
import { decodeConstants } from "../parse/decode-constants.js";
import type { Library } from "../parse/library.js";
import { bindVariables, variableReads } from "./bind.js";
import { checkpointKeys } from "./restore.js";

/** Where a model's variables are. */
export interface CheckpointSource {
  readonly metaGraph: MetaGraphDef;
  readonly library: Library;
  readonly read: ReadFile;
}

/** The checkpoint of a model. Of its tensors only those are read that something needs. */
export interface Checkpoint {
  /** What TensorFlow runs to restore the model, inlined; without nodes if there is nothing to restore. */
  readonly restore: Graph;
  /** The tensor of that key. */
  read(key: string): Promise<Tensor>;
  /** The graph with the variables that it reads as constants. */
  bind(graph: Graph): Promise<Graph>;
}

/** The checkpoint of a model; nothing is read before it is asked for. */
export function checkpointOf({ metaGraph, library, read }: CheckpointSource): Checkpoint {
  const restoreOp = metaGraph.saverDef?.restoreOpName ?? "";
  const restore: Graph =
    restoreOp === "" ? new Map() : decodeConstants(inlineFunctions(library, { nodes: [restoreOp] }));
  let bundle: Promise<Bundle> | undefined;
  const readKey = async (key: string): Promise<Tensor> => {
    bundle ??= openBundle(read, VARIABLES_PREFIX);
    return (await bundle).read(key);
  };
  return {
    restore,
    read: readKey,
    async bind(graph) {
      const wanted = new Set(variableReads(graph).values());
      if (wanted.size === 0) return graph;
      if (restoreOp === "") {
        throw unsupported("the model has variables and no restore op that says where their values are");
      }
      const keys = checkpointKeys(restore);
      const values = new Map<string, Tensor>();
      for (const variable of wanted) {
        const key = keys.get(variable);
        if (key === undefined)
          throw unsupported(`variable ${variable.replace(/^\//, "")} is not restored from the checkpoint`);
        values.set(variable, await readKey(key));
      }
      return bindVariables(graph, values);
    },
  };
}
