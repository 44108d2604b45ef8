import {
  makeTensor,
  type NamedTensors,
  ServingError,
  type Signature,
  type Tensor,
  type TensorSpec,
} from "@servable/core";

/**
 * Holds the inputs of a call to its signature.
 * @throws ServingError INVALID_ARGUMENT, with the input's name, for one that is missing, unknown, or of the wrong dtype,
 * rank or size
 */
export function checkInputs(given: NamedTensors, { inputs }: Signature): void {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(inputs, name)) throw invalid(`there is no input ${name}; it takes ${listed(inputs)}`);
  }
  for (const name of Object.keys(inputs)) {
    const spec = inputs[name];
    const tensor = Object.hasOwn(given, name) ? given[name] : undefined;
    if (tensor === undefined) throw invalid(`input ${name} is missing; it takes ${listed(inputs)}`);
    if (spec !== undefined) checkInput(name, tensor, spec);
  }
}

/**
 * The names of the outputs that a call gives.
 * @throws ServingError INVALID_ARGUMENT for one that the signature does not have, or that is asked for twice
 */
export function wantedOutputs(asked: readonly string[] | undefined, { outputs }: Signature): readonly string[] {
  // As in TensorFlow Serving an empty filter filters nothing.
  if (asked === undefined || asked.length === 0) return Object.keys(outputs);
  for (const [index, name] of asked.entries()) {
    if (!Object.hasOwn(outputs, name)) throw invalid(`there is no output ${name}; it gives ${listed(outputs)}`);
    if (asked.indexOf(name) !== index) throw invalid(`output ${name} is asked for twice; name it once`);
  }
  return asked;
}

/**
 * The wanted ones of what a predictor has given.
 * @throws ServingError INTERNAL for one that is not there, or whose values do not fill its shape
 */
export function checkedOutputs(given: NamedTensors, wanted: readonly string[]): NamedTensors {
  return Object.fromEntries(wanted.map((name) => [name, checkedOutput(given, name)]));
}

function checkInput(name: string, { dtype, shape }: Tensor, spec: TensorSpec): void {
  if (dtype !== spec.dtype) throw invalid(`input ${name} needs dtype ${spec.dtype}, got ${dtype}`);
  if (spec.shape === undefined) return;
  const fits =
    shape.length === spec.shape.length && spec.shape.every((size, axis) => size === -1 || size === shape[axis]);
  if (!fits) throw invalid(`input ${name} needs shape ${written(spec.shape)}, got ${written(shape)}`);
}

function checkedOutput(given: NamedTensors, name: string): Tensor {
  const tensor = Object.hasOwn(given, name) ? given[name] : undefined;
  if (tensor === undefined) throw new ServingError("INTERNAL", `the predictor did not give output ${name}`);
  try {
    return makeTensor(tensor.dtype, tensor.shape, tensor.data);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ServingError("INTERNAL", `the predictor gave output ${name} as no tensor: ${why}`, { cause: error });
  }
}

function invalid(message: string): ServingError {
  return new ServingError("INVALID_ARGUMENT", message);
}

function listed(specs: Readonly<Record<string, TensorSpec>>): string {
  return Object.keys(specs).sort().join(", ") || "none";
}

function written(shape: readonly number[]): string {
  return `[${shape.map((size) => (size === -1 ? "?" : size)).join(", ")}]`;
}
