import type { DType } from "./tensor/dtype.js";
import type { Tensor } from "./tensor/tensor.js";

/** What a signature says of one of its tensors. */
export interface TensorSpec {
  readonly dtype: DType;
  /** Sizes by dimension, -1 where any size goes; undefined where any rank goes. */
  readonly shape: readonly number[] | undefined;
  /** The tensor's name in the graph, such as `serving_default_x:0`. */
  readonly tensorName?: string;
}

/** One way to call a predictor. */
export interface Signature {
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  /** `tensorflow/serving/predict`, `…/classify`, `…/regress` or empty. */
  readonly methodName: string;
}

/** Options of one `predict` call. */
export interface PredictOptions {
  /** @defaultValue "serving_default" */
  readonly signature?: string;
  /** Names of the outputs wanted. @defaultValue all of the signature */
  readonly outputs?: readonly string[];
  /** May be made when it is read: who copies the options names it, `{ ...options, signal: options.signal }`. */
  readonly signal?: AbortSignal;
}

/** The signature that is meant when none is named. */
export const DEFAULT_SIGNATURE = "serving_default";

/** Named tensors, as a call takes and gives them. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/** What can be served on a wire: any servable that maps named tensors to named tensors. */
export interface Predictor {
  readonly signatures: Readonly<Record<string, Signature>>;
  /** Calls worth having in flight at once. @defaultValue 1 */
  readonly concurrency?: number;
  /**
   * Runs one call. The inputs stay as they were, and the results are the caller's own.
   * @throws ServingError INVALID_ARGUMENT for an unknown signature, an input that is missing, unknown, or of the
   * wrong dtype or shape, or an unknown output, each by its name; CANCELLED when `options.signal` aborts
   */
  predict(inputs: NamedTensors, options?: PredictOptions): Promise<Record<string, Tensor>>;
}

/** Whether a servable can be served on a wire. */
export function isPredictor(servable: unknown): servable is Predictor {
  return (
    typeof servable === "object" &&
    servable !== null &&
    "predict" in servable &&
    typeof servable.predict === "function" &&
    "signatures" in servable &&
    typeof servable.signatures === "object" &&
    servable.signatures !== null
  );
}
