import {
  makeTensor,
  type NamedTensors,
  ServingError,
  type Signature,
  type Tensor,
  type TensorSpec,
} from "@servable/core";
import { nameError } from "../name-error.js";

/**
 * Holds the inputs of a call to its signature.
 * @throws ServingError INVALID_ARGUMENT, with the input's name, for one that is missing, unknown, no tensor, or of the
 * wrong dtype or shape
 */
export function checkInputs(given: NamedTensors, { inputs }: Signature): void {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(inputs, name));
  if (unknown !== undefined) throw invalid(`there is no input ${unknown}; it takes ${listed(inputs)}`);
  for (const [name, spec] of Object.entries(inputs)) {
    const tensor = Object.hasOwn(given, name) ? given[name] : undefined;
    if (tensor === undefined) throw invalid(`input ${name} is missing; it takes ${listed(inputs)}`);
    checkInput(name, tensor, spec);
  }
}

/**
 * The names of the outputs that a call gives: those asked for, each once, or all.
 * @throws ServingError INVALID_ARGUMENT for one that the signature does not have
 */
export function wantedOutputs(asked: readonly string[] | undefined, { outputs }: Signature): readonly string[] {
  if (asked === undefined) return Object.keys(outputs);
  const unknown = asked.find((name) => !Object.hasOwn(outputs, name));
  if (unknown !== undefined) throw invalid(`there is no output ${unknown}; it gives ${listed(outputs)}`);
  return [...new Set(asked)];
}

function checkInput(name: string, { dtype, shape, data }: Tensor, spec: TensorSpec): void {
  if (dtype !== spec.dtype) throw invalid(`input ${name} needs dtype ${spec.dtype}, got ${dtype}`);
  const fits =
    spec.shape === undefined ||
    (shape.length === spec.shape.length && spec.shape.every((size, axis) => size === -1 || size === shape[axis]));
  if (!fits) throw invalid(`input ${name} needs shape ${written(spec.shape ?? [])}, got ${written(shape)}`);
  try {
    makeTensor(dtype, shape, data);
  } catch (error) {
    throw nameError(error, `input ${name}`, "INVALID_ARGUMENT");
  }
}

function invalid(message: string): ServingError {
  return new ServingError("INVALID_ARGUMENT", message);
}

function listed(specs: Readonly<Record<string, TensorSpec>>): string {
  return Object.keys(specs).join(", ") || "none";
}

function written(shape: readonly number[]): string {
  return `[${shape.map((size) => (size === -1 ? "?" : size)).join(", ")}]`;
}
