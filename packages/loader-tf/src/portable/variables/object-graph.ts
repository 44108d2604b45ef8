import type { Tensor } from "@servable/core";
import { BoundedReader, type MetaGraphDef, TrackableObjectGraph } from "@servable/tf-proto";
import { malformed } from "../graph/graph-error.js";
import { inlineFunctions } from "../inline/inline.js";
import { parseReference } from "../inline/reference.js";
import type { Library } from "../parse/library.js";
import { VARIABLE_OPS, variableKey } from "./handle.js";
import type { Stored } from "./restore.js";

/** The tensor of a checkpoint that says what objects its other tensors belong to. */
export const OBJECT_GRAPH_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH";

/** The name of the state of an object that is a variable. */
const VALUE = "VARIABLE_VALUE";

/** Tags and lengths; checkpoints of the largest models have some thousands of objects. */
const MAX_NUMBERS = 2 ** 22;

/**
 * The variables that a model's functions were traced with, by the objects that the functions are bound to: where a Keras
 * model is saved by `tf.saved_model.save`, the restore graph knows nothing of them. The same objects, by number, are in
 * the checkpoint, with the keys of their tensors.
 * @param objects the tensor at {@link OBJECT_GRAPH_KEY}
 * @throws ServingError DATA_LOSS if that is not a graph of objects
 */
export function boundVariables(
  metaGraph: MetaGraphDef,
  library: Library,
  objects: Tensor,
): ReadonlyMap<string, Stored> {
  const functions = metaGraph.objectGraphDef?.concreteFunctions ?? new Map();
  const keys = keysByObject(objects);
  const stored = new Map<string, Stored>();
  for (const { op, input, attr } of library.main.values()) {
    const value = op.endsWith("PartitionedCall") ? attr.get("f")?.value : undefined;
    const name = value?.$case === "func" ? value.value.name : "";
    const bound = functions.get(name)?.boundInputs ?? [];
    const handles = input.map(parseReference).filter(({ control }) => !control);
    for (const [at, object] of bound.entries()) {
      const handle = handles[handles.length - bound.length + at]?.node ?? "";
      const key = keys.get(object);
      if (key === undefined || !VARIABLE_OPS.has(library.main.get(handle)?.op ?? "")) continue;
      const graph = inlineFunctions(library, { nodes: [handle] });
      for (const node of graph.values())
        stored.set(variableKey(graph, { node: handle, output: 0 }, node), { key, slice: "" });
    }
  }
  return stored;
}

/** The keys of variables' values, by the number of the object. */
function keysByObject({ data: [bytes] }: Tensor): ReadonlyMap<number, string> {
  if (!(bytes instanceof Uint8Array)) throw malformed(`${OBJECT_GRAPH_KEY} of the checkpoint is no text`);
  let nodes: TrackableObjectGraph["nodes"];
  try {
    ({ nodes } = TrackableObjectGraph.decode(new BoundedReader(bytes, { left: MAX_NUMBERS })));
  } catch (cause) {
    throw malformed(`${OBJECT_GRAPH_KEY} of the checkpoint is not a graph of objects: ${String(cause)}`);
  }
  return new Map(
    nodes.flatMap(({ attributes }, number) =>
      attributes.filter(({ name }) => name === VALUE).map(({ checkpointKey }) => [number, checkpointKey] as const),
    ),
  );
}
