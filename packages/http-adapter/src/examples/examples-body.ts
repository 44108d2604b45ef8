import type { ExampleFeature, ExampleFeatures } from "@servable/inference";
import { fromBase64 } from "../json/base64.js";
import { invalid, isBytes, isList, isObject, type JsonObject, type JsonValue, shown } from "../json/json-value.js";

/** The body of a classify or regress call. */
export interface ExamplesBody {
  readonly signature: string;
  readonly examples: readonly ExampleFeatures[];
  readonly context: ExampleFeatures | undefined;
}

/**
 * Reads a body whose whole numbers are bigints, since TensorFlow Serving makes int64 features of them and floats of
 * numbers with a fraction or an exponent. Unknown keys are ignored.
 * @throws ServingError INVALID_ARGUMENT for what is no object, examples that are missing, none or no objects, or a
 * feature that is neither a value nor a flat list of values of one kind, with its name
 */
export function examplesBody(value: JsonValue, method: "classify" | "regress"): ExamplesBody {
  if (!isObject(value)) throw invalid(`the body must be a JSON object, got ${shown(value)}`);
  const signature = keyOf(value, "signature_name") ?? "";
  if (typeof signature !== "string") throw invalid(`"signature_name" must be a string, got ${shown(signature)}`);
  const shared = keyOf(value, "context");
  const context = shared === undefined ? undefined : featuresOf(shared, "context");
  const examples = keyOf(value, "examples");
  if (examples === undefined) throw invalid(`the body has no "examples" (a list of objects) to ${method}`);
  if (!isList(examples)) throw invalid(`"examples" must be a list, got ${shown(examples)}`);
  if (examples.length === 0) throw invalid('"examples" is empty; send at least one');
  return {
    signature,
    context,
    examples: examples.map((example, index) => featuresOf(example, `examples[${index}]`)),
  };
}

function featuresOf(value: JsonValue, place: string): ExampleFeatures {
  if (!isObject(value)) throw invalid(`${place} must be an object of features, got ${shown(value)}`);
  return new Map(
    Object.entries(value).map(([name, feature]) => {
      const values = isList(feature) ? feature : [feature];
      return [name, featureOf(values, (index) => `${place}.${name}${isList(feature) ? `[${index}]` : ""}`)];
    }),
  );
}

type PlaceOf = (index: number) => string;

/** Undefined for an empty list, which has no kind. */
function featureOf(values: readonly JsonValue[], place: PlaceOf): ExampleFeature | undefined {
  const [first] = values;
  if (first === undefined) return undefined;
  const kind = kindOf(first, place(0));
  for (const [index, value] of values.entries()) {
    const found = kindOf(value, place(index));
    if (found !== kind)
      throw invalid(`${place(index)} is ${found}, but ${place(0)} is ${kind}; all must be of one kind`);
  }
  switch (kind) {
    case "int64":
      return { kind, values: BigInt64Array.from(values, (value, index) => longOf(value, place(index))) };
    case "float":
      return { kind, values: Float32Array.from(values, Number) };
    case "bytes":
      return { kind, values: values.map((value, index) => bytesOf(value, place(index))) };
  }
}

function kindOf(value: JsonValue, place: string): ExampleFeature["kind"] {
  if (typeof value === "bigint" || typeof value === "boolean") return "int64";
  if (typeof value === "number") return "float";
  if (typeof value === "string" || isBytes(value)) return "bytes";
  throw invalid(
    `${place} is ${shown(value)}; a feature is a number, a boolean, a string, a b64 object, or a flat list`,
  );
}

function longOf(value: JsonValue, place: string): bigint {
  const long = BigInt(value as bigint | boolean);
  if (long === BigInt.asIntN(64, long)) return long;
  throw invalid(`${place} is ${long}, which is no int64`);
}

const utf8 = new TextEncoder();

function bytesOf(value: JsonValue, place: string): Uint8Array {
  if (typeof value === "string") return utf8.encode(value);
  const bytes = isBytes(value) ? fromBase64(value.b64) : undefined;
  if (bytes === undefined) throw invalid(`${place}: "b64" holds what is no base64 of the standard alphabet`);
  return bytes;
}

function keyOf(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
