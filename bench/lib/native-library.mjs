// Importing it lets the native engine find the TensorFlow of .cache/tf, unless the user has named another library.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { provideTensorFlow } from "../../scripts/tensorflow.mjs";
import { root } from "../../scripts/workspace.mjs";

if (process.env.SERVABLE_LIBTENSORFLOW === undefined && (await provideTensorFlow()) !== undefined) {
  const lib = join(root, ".cache", "tf", "lib");
  const libraries = readdirSync(lib).map((name) => join(lib, name, "site-packages/tensorflow/libtensorflow_cc.so.2"));
  const library = libraries.find((path) => existsSync(path));
  if (library !== undefined) process.env.SERVABLE_LIBTENSORFLOW = library;
}
