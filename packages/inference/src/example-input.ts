import { makeTensor, ServingError, type Signature, type Tensor } from "@servable/core";
import { type ExampleFeatures, encodeExample, withContext } from "@servable/saved-model";

/** A tf.Example: serialized, or its features. */
export type Example = Uint8Array | ExampleFeatures;

/** What classify, regress and multi-inference calls take. */
export interface ExampleInput {
  /** At least one. */
  readonly examples: readonly Example[];
  /** Features that each example gets where it has none of that name itself. */
  readonly context?: Example | undefined;
}

/** The input of a signature that takes examples: serialized, of shape [batch]. */
export const EXAMPLES_INPUT = "inputs";

/**
 * The examples as a tensor, dtype string, shape [examples].
 * @throws ServingError INVALID_ARGUMENT if there are none
 */
export function examplesTensor({ examples, context }: ExampleInput): Tensor {
  if (examples.length === 0)
    throw new ServingError("INVALID_ARGUMENT", "the input is empty; give at least one example");
  const shared = context === undefined ? new Uint8Array(0) : serialized(context);
  return makeTensor("string", [examples.length], withContext(examples.map(serialized), shared));
}

/**
 * Holds a signature to what a call of examples needs of its inputs.
 * @throws ServingError INVALID_ARGUMENT unless its one input is called `inputs`
 */
export function checkTakesExamples(method: string, { inputs }: Signature): void {
  const names = Object.keys(inputs);
  if (names.length === 1 && Object.hasOwn(inputs, EXAMPLES_INPUT)) return;
  const there = names.sort().join(", ") || "none";
  throw new ServingError(
    "INVALID_ARGUMENT",
    `to ${method} takes a signature with one input, ${EXAMPLES_INPUT}; this one has ${there}`,
  );
}

function serialized(example: Example): Uint8Array {
  return example instanceof Uint8Array ? example : encodeExample(example);
}
