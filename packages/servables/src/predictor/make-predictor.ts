import {
  DEFAULT_SIGNATURE,
  formatId,
  type NamedTensors,
  type PredictOptions,
  type Predictor,
  type ServableId,
  ServingError,
  type Signature,
  type Tensor,
} from "@servable/core";
import { nameError } from "../name-error.js";
import { checkInputs, wantedOutputs } from "./check-call.js";

/** What `predict` hands on to a method, beside the inputs. */
export interface MethodCall {
  readonly signature: string;
  /** Names of the outputs wanted. */
  readonly outputs: readonly string[];
  readonly signal: AbortSignal | undefined;
}

/** One signature and what answers it. */
export interface Method {
  readonly signature: Signature;
  /** Called with inputs that fit the signature, and at once. What it gives beyond the wanted outputs is left out. */
  run(inputs: NamedTensors, call: MethodCall): NamedTensors | Promise<NamedTensors>;
}

/** TensorFlow's name of a method without a fixed meaning. */
export const PREDICT_METHOD = "tensorflow/serving/predict";

/** A predictor of `methods`, by signature; its errors name `id`. */
export function makePredictor(id: ServableId, methods: Readonly<Record<string, Method>>): Predictor {
  const signatures = Object.fromEntries(Object.entries(methods).map(([name, { signature }]) => [name, signature]));
  return {
    signatures,
    async predict(inputs: NamedTensors, options: PredictOptions = {}): Promise<Record<string, Tensor>> {
      const { signature = DEFAULT_SIGNATURE, signal } = options;
      try {
        signal?.throwIfAborted();
        const method = methodOf(methods, signature);
        checkInputs(inputs, method.signature);
        const outputs = wantedOutputs(options.outputs, method.signature);
        return pick(await method.run(inputs, { signature, outputs, signal }), outputs);
      } catch (error) {
        throw nameError(error, formatId(id), signal?.aborted === true ? codeOfAbort(signal.reason) : "INTERNAL");
      }
    },
  };
}

function methodOf(methods: Readonly<Record<string, Method>>, name: string): Method {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method !== undefined) return method;
  const there = Object.keys(methods).join(", ");
  throw new ServingError("INVALID_ARGUMENT", `there is no signature ${name}; there is ${there}`);
}

function pick(given: NamedTensors, wanted: readonly string[]): Record<string, Tensor> {
  return Object.fromEntries(
    wanted.map((name) => {
      const tensor = Object.hasOwn(given, name) ? given[name] : undefined;
      if (tensor !== undefined) return [name, tensor];
      throw new ServingError("INTERNAL", `output ${name} of the signature was not given`);
    }),
  );
}

function codeOfAbort(reason: unknown): "CANCELLED" | "DEADLINE_EXCEEDED" {
  return reason instanceof Error && reason.name === "TimeoutError" ? "DEADLINE_EXCEEDED" : "CANCELLED";
}
