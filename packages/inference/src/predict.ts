import type { Manager, NamedTensors, ServableId, Signature } from "@servable/core";
import { callSignature, type SignatureSpec } from "./call-signature.js";

/** One predict call. */
export interface PredictRequest extends SignatureSpec {
  /** Names of the outputs wanted. @defaultValue all of the signature */
  readonly outputs?: readonly string[];
  /**
   * Reads the inputs, now that it is known what the model takes; what it throws gets the model's name. A promise where
   * that takes long enough to be done in slices.
   */
  readonly decode: (signature: Signature) => NamedTensors | Promise<NamedTensors>;
}

/** What a predict call gave. */
export interface Prediction {
  /** The version that answered. */
  readonly id: ServableId;
  readonly signature: string;
  readonly outputs: NamedTensors;
}

/**
 * Runs one call. The version stays loaded until the call has settled.
 * @throws ServingError what `Manager.borrow` throws; INVALID_ARGUMENT, naming model, version, signature and input, for
 * a servable that is no predictor, an unknown signature or output, or inputs that do not fit; INTERNAL for a predictor
 * that fails or leaves an output out; CANCELLED or, after `AbortSignal.timeout`, DEADLINE_EXCEEDED when
 * `request.signal` aborts
 */
export async function predict(manager: Manager, request: PredictRequest): Promise<Prediction> {
  const { id, signature, result } = await callSignature(manager, request, {
    prepare: (found) => {
      const inputs = request.decode(found);
      if (!(inputs instanceof Promise)) return { inputs, outputs: request.outputs };
      return inputs.then((read) => ({ inputs: read, outputs: request.outputs }));
    },
    read: (outputs) => outputs,
  });
  return { id, signature, outputs: result };
}
