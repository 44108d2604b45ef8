import type { NamedTensors, Predictor, Signature, TensorSpec } from "@servable/core";

/** Specs in short: `{ x: ["float32", [-1]] }`. */
export type Specs = Readonly<Record<string, readonly [TensorSpec["dtype"], TensorSpec["shape"]]>>;

/** A signature in short. */
export function signature(inputs: Specs, outputs: Specs = inputs): Signature {
  const long = (specs: Specs): Record<string, TensorSpec> =>
    Object.fromEntries(
      Object.entries(specs).map(([name, [dtype, shape]]) => [name, { dtype, shape, tensorName: name }]),
    );
  return { inputs: long(inputs), outputs: long(outputs), methodName: "tensorflow/serving/predict" };
}

/** A predictor with one signature; by default it answers with its inputs. */
export function fakePredictor(
  called: Signature,
  predict: Predictor["predict"] = async (inputs: NamedTensors) => ({ ...inputs }),
): Predictor {
  return { signatures: { serving_default: called }, predict };
}
