import { type Manager, type ServableId, ServingError } from "@servable/core";
import { borrowPredictor, runSignature, type SignatureCall, signatureName } from "./call-signature.js";
import type { CallSignal } from "./cancellation.js";
import { type Classification, classification } from "./classify.js";
import type { ExampleInput } from "./example-input.js";
import type { ModelSpec } from "./model-spec.js";
import { type Regression, regression } from "./regress.js";

/** The method names that a task may have. */
export const CLASSIFY_METHOD = "tensorflow/serving/classify";
export const REGRESS_METHOD = "tensorflow/serving/regress";

/** One of the things that a multi-inference call does with its examples. */
export interface InferenceTask extends ModelSpec {
  /** @defaultValue "serving_default", which "" means too */
  readonly signature?: string;
  /** `tensorflow/serving/classify` or `tensorflow/serving/regress`. */
  readonly method: string;
}

/** One multi-inference call. */
export interface MultiInferenceRequest extends ExampleInput {
  /** At least one; all of the same model, each with another signature. The first says which version. */
  readonly tasks: readonly InferenceTask[];
  readonly signal?: CallSignal | undefined;
}

/** What a multi-inference call gave: a result per task, in order. */
export interface MultiInference {
  /** The version that answered. */
  readonly id: ServableId;
  readonly results: readonly (Classification | Regression)[];
}

/**
 * Classifies and regresses the same examples with several signatures of one version, which stays loaded until all have
 * settled.
 * @throws ServingError what `classify` and `regress` throw; INVALID_ARGUMENT for no tasks, a task without a model or of
 * another one, or a signature that is named twice; UNSUPPORTED for another method
 */
export async function multiInference(manager: Manager, request: MultiInferenceRequest): Promise<MultiInference> {
  const { tasks, signal } = request;
  const [first] = tasks;
  if (first === undefined) throw invalid("a multi-inference call needs at least one task");
  if (first.model === "") throw invalid("a task of a multi-inference call needs the name of a model");
  return await borrowPredictor(manager, { ...first, signal }, async (predictor, id) => {
    checkTasks(tasks);
    // Not all at once: the first failure must not leave runs behind that no one waits for.
    const results: (Classification | Regression)[] = [];
    for (const { signature: given, method } of tasks) {
      const call: SignatureCall = { id, signature: signatureName(given), signal };
      const { signature } = call;
      if (method === CLASSIFY_METHOD) {
        const classifications = await runSignature(predictor, call, classification(request));
        results.push({ id, signature, classifications });
      } else {
        results.push({ id, signature, regressions: await runSignature(predictor, call, regression(request)) });
      }
    }
    return { id, results };
  });
}

function checkTasks(tasks: readonly InferenceTask[]): void {
  const seen = new Set<string>();
  for (const { model, signature, method } of tasks) {
    if (model !== tasks[0]?.model)
      throw invalid(`all tasks of a call must name one model; here are ${tasks[0]?.model} and ${model}`);
    const name = signatureName(signature);
    if (seen.has(name)) throw invalid(`${model}: signature ${name} is in two tasks of one call; name it once`);
    seen.add(name);
    if (method === CLASSIFY_METHOD || method === REGRESS_METHOD) continue;
    const known = `${CLASSIFY_METHOD} and ${REGRESS_METHOD}`;
    throw new ServingError("UNSUPPORTED", `${model}: multi-inference has no method ${method}; it has ${known}`);
  }
}

function invalid(message: string): ServingError {
  return new ServingError("INVALID_ARGUMENT", message);
}
