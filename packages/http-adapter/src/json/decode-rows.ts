import type { NamedTensors, Signature } from "@servable/core";
import { decodeValues } from "./decode-values.js";
import { invalid, isBytes, isObject, type JsonObject, type JsonValue, shown } from "./json-value.js";

/**
 * The inputs of the row form: each instance is a value, where the signature has one input, or an object of values by
 * input. All instances have one form, and the inputs get the number of instances as their first size.
 * @throws ServingError INVALID_ARGUMENT, naming the instance and the input
 */
export function decodeRows(instances: readonly JsonValue[], { inputs }: Signature): NamedTensors {
  const names = Object.keys(inputs);
  const rows = namedRows(instances, names);
  if (rows === undefined) {
    return decodeEach(inputs, () => ({
      values: instances,
      place: (indices) => `instances${indices.map((index) => `[${index}]`).join("")}`,
    }));
  }
  return decodeEach(inputs, (name) => ({
    values: rows.map((row) => row[name] ?? null),
    place: ([row, ...rest]) => `instances[${row ?? 0}].${name}${rest.map((index) => `[${index}]`).join("")}`,
  }));
}

interface Column {
  readonly values: JsonValue;
  readonly place: (indices: readonly number[]) => string;
}

function decodeEach(inputs: Signature["inputs"], column: (name: string) => Column): NamedTensors {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype }]) => {
      const { values, place } = column(name);
      return [name, decodeValues(values, { input: name, dtype, place })];
    }),
  );
}

/** The instances, where they are objects by input; undefined where they are plain values. */
function namedRows(instances: readonly JsonValue[], names: readonly string[]): readonly JsonObject[] | undefined {
  const named = isNamed(instances[0]);
  const wanted = [...names].sort().join(", ") || "none";
  if (!named && names.length !== 1) {
    throw invalid(`each instance must be an object with the keys of the signature's inputs: ${wanted}`);
  }
  const rows: JsonObject[] = [];
  for (const [index, instance] of instances.entries()) {
    if (!named && !isNamed(instance)) continue;
    if (!named || !isNamed(instance)) {
      const [first, other] = named ? ["an object by input", shown(instance)] : ["a value", "an object by input"];
      throw invalid(`instances[${index}] is ${other}, but instances[0] is ${first}; all must have one form`);
    }
    const unknown = Object.keys(instance).find((key) => !names.includes(key));
    if (unknown !== undefined) throw invalid(`instances[${index}]: there is no input ${unknown}; it takes ${wanted}`);
    const missing = names.find((name) => !Object.hasOwn(instance, name));
    if (missing !== undefined) throw invalid(`instances[${index}]: input ${missing} is missing; it takes ${wanted}`);
    rows.push(instance);
  }
  return named ? rows : undefined;
}

function isNamed(value: JsonValue | undefined): value is JsonObject {
  return isObject(value) && !isBytes(value);
}
