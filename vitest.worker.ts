import { mkdirSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import type { Plugin } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(`packages/${path}`, import.meta.url));
const folder = new URL("node_modules/.cache/servable/", import.meta.url);

/** The modules that name workers, and the sources of these. */
const MODULES: readonly { readonly names: string; readonly workers: Readonly<Record<string, string>> }[] = [
  {
    names: "loader-tf/src/engine/worker/worker-url.ts",
    workers: {
      PORTABLE_WORKER: "loader-tf/src/engine/worker/main.ts",
      TFJS_NODE_WORKER: "loader-tf/src/tfjs-node/worker-main.ts",
    },
  },
  {
    names: "source-s3/src/fetch/worker-url.ts",
    workers: { DIGEST_WORKER: "source-s3/src/fetch/digest-worker.ts" },
  },
];
const WORKERS = Object.assign({}, ...MODULES.map(({ workers }) => workers)) as Readonly<Record<string, string>>;

/** Node's worker threads do not read TypeScript: tests run the workers as bundles of the present sources. */
export function workerFromSource(): Plugin {
  let bundle: Promise<unknown> | undefined;
  return {
    name: "worker-from-source",
    async load(id) {
      const module = MODULES.find(({ names }) => id.endsWith(`/${names}`));
      if (module === undefined) return null;
      mkdirSync(folder, { recursive: true });
      bundle ??= build({
        entryPoints: Object.fromEntries(Object.entries(WORKERS).map(([name, path]) => [name, source(path)])),
        outdir: fileURLToPath(folder),
        outExtension: { ".js": ".mjs" },
        bundle: true,
        format: "esm",
        platform: "node",
        target: "es2022",
        conditions: ["@servable/source"],
        external: ["@tensorflow/*"],
        sourcemap: "inline",
      });
      await bundle;
      const urls = Object.keys(module.workers).map((name) => [
        name,
        pathToFileURL(fileURLToPath(new URL(`${name}.mjs`, folder))).href,
      ]);
      return urls.map(([name, url]) => `export const ${name} = new URL(${JSON.stringify(url)});`).join("\n");
    },
  };
}
