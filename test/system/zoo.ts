import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ServingError, type Tensor } from "@servable/core";
import { loadContext } from "@servable/core/testing";
import { type SavedModelOptions, savedModel } from "@servable/loader-tf";
import { folderFiles } from "@servable/source-fs";
import { callsIn, largestError } from "../../packages/loader-tf/src/testing/golden.js";
import { root } from "../repository/sources.js";

/** A model that TensorFlow made, and what it stands for. */
export interface ZooModel {
  readonly name: string;
  readonly standsFor: string;
  /** Its versions' folder. */
  readonly folder: string;
}

/** How an engine does with a model. */
export type ZooResult =
  | { readonly state: "same"; readonly calls: number; readonly error: number }
  | { readonly state: "refused"; readonly message: string };

const folder = join(root, ".cache/zoo");

/** Models of fixtures/ that are in the zoo too: made by other versions of TensorFlow, or too small to be made anew. */
const FIXTURES: Readonly<Record<string, string>> = {
  mnist: "a small convolutional network, trained",
  mnist_estimator: "an Estimator of TensorFlow 1",
  multi: "several signatures and dtypes",
  control: "branches, loops, lists and tables of TensorFlow 2",
  tf1_control: "branches, loops and arrays of TensorFlow 1; partitioned and local variables",
  tf1_text: "tf.Example, a vocabulary and reference variables of TensorFlow 1",
};

/** The models that `scripts/zoo.mjs` has made, and those of fixtures/; none before it has. */
export function zooModels(): readonly ZooModel[] {
  const index = join(folder, "index.json");
  if (!existsSync(index)) return [];
  const made = JSON.parse(readFileSync(index, "utf8")) as { name: string; standsFor: string }[];
  return [
    ...made.map((model) => ({ ...model, folder: join(folder, model.name) })),
    ...Object.entries(FIXTURES).map(([name, standsFor]) => ({ name, standsFor, folder: join(root, "fixtures", name) })),
  ];
}

/**
 * Loads a model into an engine and asks it what TensorFlow was asked; signatures that the engine leaves out are not asked.
 * @returns the largest error of a float, relative to the largest value of its tensor; infinity where integers, strings
 * or shapes are not equal
 */
export async function tryModel({ name, folder: versions }: ZooModel, options: SavedModelOptions): Promise<ZooResult> {
  const context = loadContext({ id: { name, version: 1 } });
  const loader = savedModel(options)(folderFiles(join(versions, "1")));
  let loaded: Awaited<ReturnType<typeof loader.load>>;
  try {
    loaded = await loader.load(context);
  } catch (error) {
    if (ServingError.is(error) && error.code === "UNSUPPORTED") return { state: "refused", message: error.message };
    throw error;
  }
  await using _ = loaded;
  const { signatures } = loaded.servable;
  const calls = callsIn(join(versions, "calls/1.json")).filter(({ signature }) => Object.hasOwn(signatures, signature));
  let error = 0;
  for (const { signature, inputs, outputs } of calls) {
    const found = await loaded.servable.predict(inputs, { signature });
    for (const [output, wanted] of Object.entries(outputs)) {
      error = Math.max(error, errorOf(found[output], wanted));
    }
  }
  return { state: "same", calls: calls.length, error };
}

function errorOf(found: Tensor | undefined, wanted: Tensor): number {
  if (wanted.dtype === "string") {
    const written = (tensor: Tensor | undefined): string =>
      JSON.stringify([
        tensor?.shape,
        Array.from(tensor?.data as Uint8Array[], (bytes) => Buffer.from(bytes).toString("hex")),
      ]);
    return written(found) === written(wanted) ? 0 : Number.POSITIVE_INFINITY;
  }
  const error = largestError(found, wanted);
  if (!wanted.dtype.startsWith("float")) return error === 0 ? 0 : Number.POSITIVE_INFINITY;
  const finite = Array.from(wanted.data as Float32Array, Math.abs).filter(Number.isFinite);
  // What is 0 throughout must be so here, but for what rounding leaves.
  return error === 0 ? 0 : error / Math.max(...finite, 1e-3);
}
