// Provides Python with TensorFlow under .cache/, for the tests that ask TensorFlow itself.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { has, root, run } from "./workspace.mjs";

const VERSION = "2.21.0";

/** The Python that has TensorFlow; undefined, with a line that says why, where it cannot be had. */
export async function provideTensorFlow() {
  const folder = join(root, ".cache", "tf");
  const python = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const marker = join(folder, `tensorflow-${VERSION}`);
  if (existsSync(marker)) return python;
  if (!has("python3")) return skip("python3 is not installed");
  console.log(`providing TensorFlow ${VERSION} in .cache/tf (once, about 1.6 GB)`);
  if ((await run("python3", ["-m", "venv", folder])) !== 0) return skip("python3 -m venv failed");
  const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `tensorflow-cpu==${VERSION}`];
  if ((await run(python, install)) !== 0) return skip(`pip could not install tensorflow-cpu ${VERSION}`);
  writeFileSync(marker, "");
  return python;
}

function skip(reason) {
  console.log(`skipped: the tests that ask TensorFlow itself, since ${reason}`);
  return undefined;
}
