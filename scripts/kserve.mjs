// Provides Python with KServe's client under .cache/, for the test that asks with it. It has an environment of its own,
// since it wants other versions than TensorFlow.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { has, root, run } from "./workspace.mjs";

const VERSION = "0.21.0";

/** The Python that has KServe; undefined, with a line that says why, where it cannot be had. */
export async function provideKServe() {
  const folder = join(root, ".cache", "kserve");
  const python = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const marker = join(folder, `kserve-${VERSION}`);
  if (existsSync(marker)) return python;
  if (!has("python3")) return skip("python3 is not installed");
  console.log(`providing KServe ${VERSION} in .cache/kserve (once)`);
  if ((await run("python3", ["-m", "venv", folder])) !== 0) return skip("python3 -m venv failed");
  const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `kserve==${VERSION}`];
  if ((await run(python, install)) !== 0) return skip(`pip could not install kserve ${VERSION}`);
  writeFileSync(marker, "");
  return python;
}

function skip(reason) {
  console.log(`skipped: the test with KServe's client, since ${reason}`);
  return undefined;
}
