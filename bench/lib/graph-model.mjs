// The rival: tfjs-converter's GraphModel on the WASM backend, one thread, the graph as TensorFlow froze it.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { provideTensorFlow } from "../../scripts/tensorflow.mjs";
import { provideTfjsConverter } from "../../scripts/tfjs-converter.mjs";
import { must, root } from "../../scripts/workspace.mjs";

/** Freezes a SavedModel's folder; gives what `open` wants, undefined where TensorFlow cannot be had. */
export async function provideGraphModel(folder, name) {
  const python = await provideTensorFlow();
  if (python === undefined) return undefined;
  const model = join(root, ".cache", "bench-models", `${name}-graph-model`);
  if (!existsSync(join(model, "model.json")))
    await must(python, [join(import.meta.dirname, "freeze.py"), folder, model]);
  return { model, packages: await provideTfjsConverter() };
}

/** Loads such a model with the TensorFlow.js of the folder `packages`. */
export async function open({ model, packages }) {
  const { resolve } = createRequire(join(packages, "package.json"));
  const load = (name) => import(pathToFileURL(resolve(`@tensorflow/${name}`)));
  const tf = await load("tfjs-core");
  await load("tfjs-backend-wasm");
  const { loadGraphModelSync } = await load("tfjs-converter");
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  await tf.setBackend("wasm");
  const { modelTopology, weightSpecs, input, output } = JSON.parse(readFileSync(join(model, "model.json"), "utf8"));
  const bytes = readFileSync(join(model, "weights.bin"));
  const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const graph = loadGraphModelSync({ load: () => ({ modelTopology, weightSpecs, weightData, format: "graph-model" }) });
  return (images, shape) => {
    const x = tf.tensor(images, shape, "float32");
    const y = graph.execute({ [input]: x }, output);
    const values = y.dataSync();
    x.dispose();
    y.dispose();
    return values;
  };
}
