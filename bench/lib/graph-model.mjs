// The rival: tfjs-converter's GraphModel on the WASM backend, one thread, the graph as TensorFlow froze it.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { provideTensorFlow } from "../../scripts/tensorflow.mjs";
import { provideTfjsConverter } from "../../scripts/tfjs-converter.mjs";
import { must, root } from "../../scripts/workspace.mjs";

/**
 * The model of a SavedModel's folder, as a function from images and their shape to what the model makes of them;
 * undefined where TensorFlow, which freezes it, cannot be had.
 */
export async function graphModel(folder, name) {
  const python = await provideTensorFlow();
  if (python === undefined) return undefined;
  const made = join(root, ".cache", "bench-models", `${name}-graph-model`);
  if (!existsSync(join(made, "model.json"))) await must(python, [join(import.meta.dirname, "freeze.py"), folder, made]);
  const { modelTopology, weightSpecs, input, output } = JSON.parse(readFileSync(join(made, "model.json"), "utf8"));
  const bytes = readFileSync(join(made, "weights.bin"));
  const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const tf = await ofItsOwn("@tensorflow/tfjs-core");
  await ofItsOwn("@tensorflow/tfjs-backend-wasm");
  const { loadGraphModelSync } = await ofItsOwn("@tensorflow/tfjs-converter");
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  await tf.setBackend("wasm");
  const model = loadGraphModelSync({ load: () => ({ modelTopology, weightSpecs, weightData, format: "graph-model" }) });
  return (images, shape) => {
    const x = tf.tensor(images, shape, "float32");
    const y = model.execute({ [input]: x }, output);
    const values = y.dataSync();
    x.dispose();
    y.dispose();
    return values;
  };
}

/** A package of .cache/tfjs-converter, not the workspace's. */
async function ofItsOwn(name) {
  const folder = await provideTfjsConverter();
  const { resolve } = createRequire(join(folder, "package.json"));
  return import(pathToFileURL(resolve(name)));
}
