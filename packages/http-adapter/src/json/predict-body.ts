import { invalid, isList, isObject, type JsonObject, type JsonValue, shown } from "./json-value.js";

/** The body of a predict call, by its form: a list of instances, or one list per input. */
export type PredictBody =
  | { readonly form: "rows"; readonly signature: string; readonly instances: readonly JsonValue[] }
  | { readonly form: "columns"; readonly signature: string; readonly inputs: JsonValue };

/**
 * Reads what does not depend on the model. Unknown keys are ignored, as in TensorFlow Serving.
 * @throws ServingError INVALID_ARGUMENT for what is no object, both or none of "instances" and "inputs", instances that
 * are no list or empty, or a "signature_name" that is no string
 */
export function predictBody(value: JsonValue): PredictBody {
  if (!isObject(value)) throw invalid(`the body must be a JSON object, got ${shown(value)}`);
  const named = keyOf(value, "signature_name");
  const signature = named === undefined ? "" : named;
  if (typeof signature !== "string") throw invalid(`"signature_name" must be a string, got ${shown(signature)}`);
  const instances = keyOf(value, "instances");
  const inputs = keyOf(value, "inputs");
  if (instances !== undefined && inputs !== undefined) {
    throw invalid('the body has both "instances" and "inputs"; send one of the two');
  }
  if (inputs !== undefined) return { form: "columns", signature, inputs };
  if (instances === undefined) {
    throw invalid('the body has neither "instances" (a list of examples) nor "inputs" (one list per input)');
  }
  if (!isList(instances)) throw invalid(`"instances" must be a list, got ${shown(instances)}`);
  if (instances.length === 0) throw invalid('"instances" is empty; send at least one');
  return { form: "rows", signature, instances };
}

function keyOf(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
