// Provides tfjs-converter, with the WASM backend of the same version, under .cache/: a rival for the benches.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { must, root } from "./workspace.mjs";

const VERSION = "4.22.0";
const PACKAGES = ["tfjs-core", "tfjs-backend-wasm", "tfjs-converter"].map((name) => `@tensorflow/${name}@${VERSION}`);

/** The folder that has the three packages in its node_modules. */
export async function provideTfjsConverter() {
  const folder = join(root, ".cache", "tfjs-converter");
  const marker = join(folder, `tfjs-converter-${VERSION}`);
  if (existsSync(marker)) return folder;
  console.log(`providing tfjs-converter ${VERSION} in .cache/tfjs-converter (once)`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await must("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...PACKAGES], { cwd: folder });
  writeFileSync(marker, "");
  return folder;
}
