// Models as Keras exports them, made once under .cache/; their speed does not depend on what their weights are.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { savedModel } from "@servable/loader-tf";
import { folderFiles } from "@servable/source-fs";
import { provideTensorFlow } from "../../scripts/tensorflow.mjs";
import { must, root } from "../../scripts/workspace.mjs";

/** A Python with TensorFlow; the bench ends where there is none. */
export async function requireTensorFlow() {
  const python = await provideTensorFlow();
  if (python === undefined) process.exit(2);
  return python;
}

/** The folder of a model of `keras.applications`, with random weights. */
export async function provideApplication(name) {
  const folder = join(root, ".cache", "bench-models", "keras", name, "1");
  if (existsSync(join(folder, "saved_model.pb"))) return folder;
  const python = await requireTensorFlow();
  console.error(`making ${name} in ${folder} (once)`);
  await must(python, [fileURLToPath(new URL("keras-application.py", import.meta.url)), name, folder]);
  return folder;
}

/** Loads the model in a folder with a loader that `savedModel` has given. */
export function load(folder, loader = savedModel()) {
  const { signal } = new AbortController();
  return loader(folderFiles(folder)).load({ id: { name: "m", version: 1 }, signal, report() {} });
}

/** One image of 224 × 224 for the model's only input. */
export function oneImage({ servable }) {
  const [[name, { shape }]] = Object.entries(servable.signatures.serving_default.inputs);
  const sizes = shape.map((size) => (size < 0 ? 1 : size));
  const data = Float32Array.from({ length: sizes.reduce((product, size) => product * size) }, (_, at) => Math.sin(at));
  return { [name]: { dtype: "float32", shape: sizes, data } };
}
