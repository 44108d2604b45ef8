import { type Manager, type NamedTensors, type ServableId, ServingError, type Signature } from "@servable/core";
import { callSignature, type PreparedCall, type SignaturePlan, type SignatureSpec } from "./call-signature.js";
import { checkTakesExamples, EXAMPLES_INPUT, type ExampleInput, examplesTensor } from "./example-input.js";

/** One regress call. */
export interface RegressRequest extends SignatureSpec, ExampleInput {}

/** What a regress call gave. */
export interface Regression {
  /** The version that answered. */
  readonly id: ServableId;
  readonly signature: string;
  /** A value per example, in order. */
  readonly regressions: readonly number[];
}

const OUTPUT = "outputs";

/**
 * Gives a number per example. The version stays loaded until the call has settled.
 *
 * The signature takes `inputs`, serialized tf.Examples, and gives `outputs`, float32 of shape [batch] or [batch, 1]; its
 * method name does not matter, as in TensorFlow Serving.
 * @throws ServingError what `predict` throws, and INVALID_ARGUMENT for a signature or an output that is not like that,
 * or for no examples
 */
export async function regress(manager: Manager, request: RegressRequest): Promise<Regression> {
  const { id, signature, result } = await callSignature(manager, request, regression(request));
  return { id, signature, regressions: result };
}

/** How to regress by a signature. */
export function regression(input: ExampleInput): SignaturePlan<Regression["regressions"]> {
  const count = input.examples.length;
  return { prepare: (signature) => prepare(input, signature), read: (outputs) => valuesOf(outputs, count) };
}

function prepare(input: ExampleInput, signature: Signature): PreparedCall {
  checkTakesExamples("regress", signature);
  const names = Object.keys(signature.outputs);
  if (names.length !== 1 || !Object.hasOwn(signature.outputs, OUTPUT)) {
    const there = names.sort().join(", ") || "none";
    throw invalid(`to regress takes a signature with one output, ${OUTPUT}; this one has ${there}`);
  }
  return { inputs: { [EXAMPLES_INPUT]: examplesTensor(input) } };
}

function valuesOf({ [OUTPUT]: output }: NamedTensors, count: number): number[] {
  if (output === undefined) throw new ServingError("INTERNAL", `the predictor did not give output ${OUTPUT}`);
  const { dtype, shape, data } = output;
  const isColumn = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (!isColumn) throw invalid(`output ${OUTPUT} needs shape [batch] or [batch, 1], got [${shape.join(", ")}]`);
  if (shape[0] !== count) throw invalid(`output ${OUTPUT} needs ${count} values, one an example, got ${shape[0]}`);
  if (dtype !== "float32") throw invalid(`output ${OUTPUT} needs dtype float32, got ${dtype}`);
  return Array.from(data, Number);
}

function invalid(message: string): ServingError {
  return new ServingError("INVALID_ARGUMENT", message);
}
