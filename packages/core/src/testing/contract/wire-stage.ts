import { of } from "rxjs";
import { ServingError } from "../../errors.js";
import type { Loader } from "../../loader.js";
import { createManager } from "../../manager/create-manager.js";
import type { Manager } from "../../manager/manager.js";
import type { ManagerOptions } from "../../manager/options.js";
import type { Predictor, Signature, TensorSpec } from "../../predictor.js";
import type { DType } from "../../tensor/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type LeakCheck, leakCheck } from "./leak-check.js";

/** A manager for one case, whose handles are counted. */
export interface WireStage extends AsyncDisposable {
  readonly manager: Manager;
  readonly leaks: LeakCheck;
}

/** Loaders by name of the model and by version. */
export type WireModels = Readonly<Record<string, Readonly<Record<number, Loader<unknown>>>>>;

/** Makes a {@link WireStage} on which each version is loaded, has failed, or never will be. */
export async function wireStage(models: WireModels, options: ManagerOptions = {}): Promise<WireStage> {
  const lists = Object.entries(models).map(([name, loaders]) => ({
    name,
    versions: Object.entries(loaders).map(([version, data]) => ({ version: Number(version), data })),
  }));
  const manager: Manager = createManager({ models: of(...lists) }, { loadConcurrency: 9, ...options });
  const settled = lists.flatMap(({ name, versions }) =>
    versions.map(async ({ version, data }) => {
      if (data === stuck || options.onDemand !== undefined) return;
      // One that has failed is told of by its status.
      await manager.whenAvailable(name, { version }).catch(() => {});
    }),
  );
  await Promise.all(settled);
  const leaks = leakCheck();
  return {
    manager: leaks.manager(manager),
    leaks,
    // What is still held then is what the leak check tells of.
    [Symbol.asyncDispose]: () => manager.close({ timeoutMs: 0 }).catch(() => {}),
  };
}

/** A loader of what is there already. */
export function ready(servable: unknown): Loader<unknown> {
  return { load: async () => ({ servable, async [Symbol.asyncDispose]() {} }) };
}

/** A loader whose loads fail for good. */
export const failing: Loader<unknown> = {
  load: () => Promise.reject(new ServingError("LOAD_FAILED", "there are no bytes", { retryable: false })),
};

/** A loader whose loads never end unless they are aborted. */
export const stuck: Loader<unknown> = {
  load: ({ signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    }),
};

type Specs = Readonly<Record<string, readonly [DType, readonly number[] | undefined]>>;

/** A signature in short: `signature({ x: ["float32", [-1]] }, { y: ["float32", [-1]] })`. */
export function signature(inputs: Specs, outputs: Specs = inputs): Signature {
  const specs = (written: Specs): Record<string, TensorSpec> =>
    Object.fromEntries(Object.entries(written).map(([name, [dtype, shape]]) => [name, { dtype, shape }]));
  return { inputs: specs(inputs), outputs: specs(outputs), methodName: "tensorflow/serving/predict" };
}

/** A predictor that answers with its inputs, under one signature and its twin. */
export function echo(specs: Specs): Predictor {
  const same = signature(specs);
  return { signatures: { serving_default: same, twin: same }, predict: async (inputs) => ({ ...inputs }) };
}

const X: Specs = { x: ["float32", [-1]] };
const Y: Specs = { y: ["float32", [-1]] };

/** Gives `y`: `x` plus a number. */
export function plus(number: number): Predictor {
  return predictorOf(async ({ x }) => ({
    y: { dtype: "float32", shape: x?.shape ?? [], data: Float32Array.from(numbersOf(x), (value) => value + number) },
  }));
}

/** A predictor from float32 `x` to float32 `y`, both of shape [?]. */
export function predictorOf(predict: Predictor["predict"]): Predictor {
  return { signatures: { serving_default: signature(X, Y) }, predict };
}

function numbersOf(x: Tensor | undefined): Float32Array {
  return x?.data instanceof Float32Array ? x.data : new Float32Array(0);
}
