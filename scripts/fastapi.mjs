// Provides FastAPI in the Python of .cache/tf: a rival for the benches, never a dependency.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { provideTensorFlow } from "./tensorflow.mjs";
import { root, run } from "./workspace.mjs";

const VERSIONS = ["fastapi==0.115.12", "uvicorn==0.34.2"];

/** The Python that has FastAPI and TensorFlow; undefined, with a line that says why, where it cannot be had. */
export async function provideFastApi() {
  const python = await provideTensorFlow();
  if (python === undefined) return undefined;
  const marker = join(root, ".cache", "tf", VERSIONS.join("-").replaceAll("==", "-"));
  if (existsSync(marker)) return python;
  const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...VERSIONS];
  if ((await run(python, install)) !== 0) {
    console.log("skipped: FastAPI, since pip could not install it");
    return undefined;
  }
  writeFileSync(marker, "");
  return python;
}
