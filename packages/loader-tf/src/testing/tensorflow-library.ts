import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const lib: string = fileURLToPath(new URL("../../../../.cache/tf/lib", import.meta.url));

/** TensorFlow's C library: what SERVABLE_LIBTENSORFLOW names, else that of .cache/tf; undefined where there is none. */
export function tensorFlowLibrary(): string | undefined {
  const named = process.env["SERVABLE_LIBTENSORFLOW"];
  if (named !== undefined) return named;
  if (!existsSync(lib)) return undefined;
  const files = readdirSync(lib)
    .filter((name) => name.startsWith("python3"))
    .map((python) => join(lib, python, "site-packages/tensorflow/libtensorflow_cc.so.2"));
  return files.find((file) => existsSync(file));
}
