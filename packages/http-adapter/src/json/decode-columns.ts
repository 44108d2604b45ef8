import type { NamedTensors, Signature } from "@servable/core";
import { decodeValues } from "./decode-values.js";
import { invalid, isBytes, isObject, type JsonObject, type JsonValue, shown } from "./json-value.js";

/**
 * The inputs of the column form: an object of values by input, or, where the signature has one input, its value. Keys
 * that are no input are ignored, as in TensorFlow Serving.
 * @throws ServingError INVALID_ARGUMENT, naming the input and the element
 */
export function decodeColumns(given: JsonValue, { inputs }: Signature): NamedTensors {
  const names = Object.keys(inputs);
  if (!isNamed(given) && names.length !== 1) {
    const wanted = [...names].sort().join(", ") || "none";
    throw invalid(`"inputs" must be an object with the signature's inputs (${wanted}), got ${shown(given)}`);
  }
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype }]) => {
      const lead = isNamed(given) ? `inputs.${name}` : "inputs";
      const place = (indices: readonly number[]): string => `${lead}${indices.map((index) => `[${index}]`).join("")}`;
      return [name, decodeValues(isNamed(given) ? column(given, name) : given, { input: name, dtype, place })];
    }),
  );
}

function column(given: JsonObject, name: string): JsonValue {
  const value = Object.hasOwn(given, name) ? given[name] : undefined;
  if (value === undefined) throw invalid(`input ${name} is missing in "inputs"`);
  return value;
}

function isNamed(value: JsonValue): value is JsonObject {
  return isObject(value) && !isBytes(value);
}
