import {
  type Manager,
  type NamedTensors,
  type ServableId,
  ServingError,
  type Signature,
  type Tensor,
} from "@servable/core";
import { callSignature, type PreparedCall, type SignaturePlan, type SignatureSpec } from "./call-signature.js";
import { checkTakesExamples, EXAMPLES_INPUT, type ExampleInput, examplesTensor } from "./example-input.js";

/** One classify call. */
export interface ClassifyRequest extends SignatureSpec, ExampleInput {}

/** A class with its score; "" and 0 where the model does not give them. */
export interface Class {
  readonly label: string;
  readonly score: number;
}

/** What a classify call gave. */
export interface Classification {
  /** The version that answered. */
  readonly id: ServableId;
  readonly signature: string;
  /** Per example, in order, its classes as the model orders them. */
  readonly classifications: readonly (readonly Class[])[];
}

/**
 * Classifies examples. The version stays loaded until the call has settled.
 *
 * The signature takes `inputs`, serialized tf.Examples, and gives `classes` (string), `scores` (float32) or both, each
 * of shape [batch, classes]; its method name does not matter, as in TensorFlow Serving.
 * @throws ServingError what `predict` throws, and INVALID_ARGUMENT for a signature or outputs that are not like that,
 * or for no examples
 */
export async function classify(manager: Manager, request: ClassifyRequest): Promise<Classification> {
  const { id, signature, result } = await callSignature(manager, request, classification(request));
  return { id, signature, classifications: result };
}

/** How to classify by a signature. */
export function classification(input: ExampleInput): SignaturePlan<Classification["classifications"]> {
  const count = input.examples.length;
  return { prepare: (signature) => prepare(input, signature), read: (outputs) => classesOf(outputs, count) };
}

function prepare(input: ExampleInput, signature: Signature): PreparedCall {
  checkTakesExamples("classify", signature);
  const names = Object.keys(signature.outputs);
  const outputs = ["classes", "scores"].filter((name) => Object.hasOwn(signature.outputs, name));
  if (names.length > 2 || outputs.length === 0) {
    const there = names.sort().join(", ") || "none";
    throw invalid(`to classify takes a signature with output classes, scores or both; this one has ${there}`);
  }
  return { inputs: { [EXAMPLES_INPUT]: examplesTensor(input) }, outputs };
}

function classesOf({ classes, scores }: NamedTensors, count: number): Class[][] {
  const labels = classes && labelsOf(checkedTable("classes", classes, count));
  const values = scores && checkedTable("scores", scores, count).data;
  const width = classes?.shape[1] ?? scores?.shape[1] ?? 0;
  if (scores !== undefined && scores.shape[1] !== width) {
    throw invalid(`classes and scores must have as many columns; they have ${width} and ${scores.shape[1]}`);
  }
  const at = (index: number): Class => ({ label: labels?.[index] ?? "", score: Number(values?.[index] ?? 0) });
  return Array.from({ length: count }, (_, row) =>
    Array.from({ length: width }, (_, column) => at(row * width + column)),
  );
}

const DTYPES = { classes: "string", scores: "float32" } as const;

function checkedTable(name: keyof typeof DTYPES, tensor: Tensor, count: number): Tensor {
  const { dtype, shape } = tensor;
  if (shape.length !== 2) throw invalid(`output ${name} needs shape [batch, classes], got [${shape.join(", ")}]`);
  if (dtype !== DTYPES[name]) throw invalid(`output ${name} needs dtype ${DTYPES[name]}, got ${dtype}`);
  if (shape[0] !== count) throw invalid(`output ${name} needs ${count} rows, one an example, got ${shape[0]}`);
  return tensor;
}

function labelsOf({ data }: Tensor): string[] {
  const utf8 = new TextDecoder(undefined, { ignoreBOM: true });
  return Array.from<unknown, string>(data, (label) => (label instanceof Uint8Array ? utf8.decode(label) : ""));
}

function invalid(message: string): ServingError {
  return new ServingError("INVALID_ARGUMENT", message);
}
