// MobileNetV2 as Keras exports it, made once under .cache/; its speed does not depend on what its weights are.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { provideTensorFlow } from "../../scripts/tensorflow.mjs";
import { must, root } from "../../scripts/workspace.mjs";

/** The folder with the versions of the model; version 1 is there. Undefined where TensorFlow cannot be had. */
export async function provideMobileNetV2() {
  const versions = join(root, ".cache", "bench-models", "mobilenetv2");
  if (existsSync(join(versions, "1", "saved_model.pb"))) return versions;
  const python = await provideTensorFlow();
  if (python === undefined) return undefined;
  console.log("making MobileNetV2 in .cache/bench-models/mobilenetv2 (once)");
  await must(python, [fileURLToPath(new URL("mobilenetv2.py", import.meta.url)), join(versions, "1")]);
  return versions;
}
