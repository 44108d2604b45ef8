// The rival: tfjs-node's predict of a SavedModel, on TensorFlow's C library.
import { createRequire } from "node:module";
import { join } from "node:path";

/** Loads a SavedModel with the tfjs-node of the folder `packages`. */
export async function open({ model, packages }) {
  process.env.TF_CPP_MIN_LOG_LEVEL = "3";
  const tf = createRequire(join(packages, "package.json"))("@tensorflow/tfjs-node");
  const loaded = await tf.node.loadSavedModel(model);
  return (images, shape) => {
    const x = tf.tensor(images, shape, "float32");
    const answer = loaded.predict({ images: x });
    const y = answer.probabilities ?? answer;
    const values = y.dataSync();
    x.dispose();
    y.dispose();
    return values;
  };
}
