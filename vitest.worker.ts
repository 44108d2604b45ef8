import { mkdirSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import type { Plugin } from "vitest/config";

const source = fileURLToPath(new URL("packages/loader-tf/src/engine/worker/main.ts", import.meta.url));
const built = fileURLToPath(new URL("node_modules/.cache/servable/portable-worker.mjs", import.meta.url));

/** Node's worker threads do not read TypeScript: tests run the worker as a bundle of the present sources. */
export function workerFromSource(): Plugin {
  let bundle: Promise<unknown> | undefined;
  return {
    name: "worker-from-source",
    async load(id) {
      if (!id.endsWith("/loader-tf/src/engine/worker/worker-url.ts")) return null;
      mkdirSync(new URL("node_modules/.cache/servable", import.meta.url), { recursive: true });
      bundle ??= build({
        entryPoints: [source],
        outfile: built,
        bundle: true,
        format: "esm",
        platform: "node",
        target: "es2022",
        conditions: ["@servable/source"],
        external: ["@tensorflow/*"],
        sourcemap: "inline",
      });
      await bundle;
      return `export const WORKER_URL = new URL(${JSON.stringify(pathToFileURL(built).href)});`;
    },
  };
}
