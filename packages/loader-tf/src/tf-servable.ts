import {
  DEFAULT_SIGNATURE,
  formatId,
  type NamedTensors,
  type Nested,
  type PredictOptions,
  type Predictor,
  type ServableId,
  ServingError,
  type Tensor,
} from "@servable/core";
import type { SavedSignature, SignatureTensor } from "@servable/saved-model";
import type { EngineModel } from "./engine/engine.js";
import { inputTensor } from "./input-tensor.js";

/** A value for an input: a tensor, nested arrays, or a typed array of all elements in row-major order. */
export type TfInput = Tensor | Nested;

/** A SavedModel that answers calls. */
export interface TfServable extends Predictor {
  readonly id: ServableId;
  readonly signatures: Readonly<Record<string, SavedSignature>>;
  readonly concurrency: number;
  /**
   * Runs one call, off this thread unless the loader was given `threads: 0`.
   *
   * `mnist.predict({ images })` with float32 images of shape [n, 28, 28] gives `{ probabilities }`. The results are
   * the caller's.
   * @throws ServingError INVALID_ARGUMENT for an unknown signature, an input that is missing, unknown, or of the wrong
   * dtype or shape, an unknown output, or values that the model refuses; RESOURCE_EXHAUSTED if too many calls wait;
   * CANCELLED when `options.signal` aborts or the version is unloaded
   */
  predict(inputs: Readonly<Record<string, TfInput>>, options?: PredictOptions): Promise<Record<string, Tensor>>;
}

/** The servable over what an engine has loaded. */
export function tfServable(id: ServableId, model: EngineModel): TfServable {
  const { signatures, concurrency } = model;
  const known = new Map(Object.entries(signatures).map(([name, signature]) => [name, namesOf(name, signature)]));
  return {
    id,
    signatures,
    concurrency,
    async predict(given, options = {}) {
      const { signature = DEFAULT_SIGNATURE, outputs, signal } = options;
      try {
        signal?.throwIfAborted();
        const wanted = known.get(signature) ?? missing(signature, known);
        const call = { signature, inputs: checkedInputs(given, wanted), outputs: checkedOutputs(outputs, wanted) };
        return await model.run(call, signal);
      } catch (error) {
        throw named(error, { id, signal });
      }
    },
  };
}

/** A signature with its names as lists, so that no call makes them anew. */
interface KnownSignature {
  readonly name: string;
  readonly inputs: readonly (readonly [string, SignatureTensor])[];
  readonly outputs: readonly string[];
}

function namesOf(name: string, { inputs, outputs }: SavedSignature): KnownSignature {
  return { name, inputs: Object.entries(inputs), outputs: Object.keys(outputs) };
}

function missing(name: string, known: ReadonlyMap<string, unknown>): never {
  const there = [...known.keys()].join(", ");
  throw new ServingError("INVALID_ARGUMENT", `there is no signature ${name}; the model has ${there}`);
}

function checkedInputs(
  given: Readonly<Record<string, TfInput>>,
  { name: signature, inputs }: KnownSignature,
): NamedTensors {
  const names = inputs.map(([name]) => name);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const there = names.join(", ");
    throw new ServingError("INVALID_ARGUMENT", `signature ${signature} has no input ${unknown}; it takes ${there}`);
  }
  return Object.fromEntries(
    inputs.map(([name, spec]) => {
      const value = Object.hasOwn(given, name) ? given[name] : undefined;
      if (value !== undefined) return [name, inputTensor(value, spec, name)];
      throw new ServingError("INVALID_ARGUMENT", `input ${name} of signature ${signature} is missing`);
    }),
  );
}

function checkedOutputs(
  wanted: readonly string[] | undefined,
  { name: signature, outputs }: KnownSignature,
): readonly string[] {
  if (wanted === undefined) return outputs;
  const unknown = wanted.find((name) => !outputs.includes(name));
  if (unknown === undefined) return [...new Set(wanted)];
  const there = outputs.join(", ");
  throw new ServingError("INVALID_ARGUMENT", `signature ${signature} has no output ${unknown}; it gives ${there}`);
}

interface Naming {
  readonly id: ServableId;
  readonly signal: AbortSignal | undefined;
}

/** Puts the servable's name before the message; an abort is CANCELLED, or what the caller aborted with. */
function named(error: unknown, { id, signal }: Naming): ServingError {
  const name = formatId(id);
  if (ServingError.is(error)) {
    return new ServingError(error.code, `${name}: ${error.message}`, { cause: error, retryable: error.retryable });
  }
  return ServingError.from(error, signal?.aborted === true ? "CANCELLED" : "INTERNAL", name);
}
