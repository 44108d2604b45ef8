import { createManager, type Loader, type Manager, type Predictor, type TensorSpec } from "@servable/core";
import { of } from "rxjs";

/** Specs in short: `{ x: ["float32", [-1]] }`. */
export type Specs = Readonly<Record<string, readonly [TensorSpec["dtype"], TensorSpec["shape"]]>>;

function specsOf(specs: Specs): Record<string, TensorSpec> {
  return Object.fromEntries(Object.entries(specs).map(([name, [dtype, shape]]) => [name, { dtype, shape }]));
}

/** A predictor with one signature; by default it answers with its inputs. */
export function fakePredictor(
  inputs: Specs,
  outputs: Specs = inputs,
  predict: Predictor["predict"] = async (given) => ({ ...given }),
): Predictor {
  const signature = {
    inputs: specsOf(inputs),
    outputs: specsOf(outputs),
    methodName: "tensorflow/serving/predict",
  };
  return { signatures: { serving_default: signature }, predict };
}

/** A manager that serves each servable under its name, as version 3. */
export async function served(servables: Readonly<Record<string, unknown>>): Promise<Manager> {
  const lists = Object.entries(servables).map(([name, servable]) => {
    const loader: Loader<unknown> = { load: async () => ({ servable, async [Symbol.asyncDispose]() {} }) };
    return { name, versions: [{ version: 3, data: loader }] };
  });
  const manager: Manager = createManager({ code: of(...lists) });
  for (const name of Object.keys(servables)) await manager.whenAvailable(name);
  return manager;
}
