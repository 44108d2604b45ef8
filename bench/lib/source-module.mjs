// A module of a package's sources as the package has it once built: what is measured is no part of its entries.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "tsup";

/** Builds and imports `path`, which is relative to packages/. */
export async function sourceModule(path) {
  const folder = await mkdtemp(join(tmpdir(), "servable-bench-"));
  const entry = fileURLToPath(new URL(`../../packages/${path}`, import.meta.url));
  try {
    await build({
      entry: { module: entry },
      outDir: folder,
      format: "esm",
      target: "es2022",
      platform: "node",
      noExternal: [/./],
      config: false,
      silent: true,
      outExtension: () => ({ js: ".mjs" }),
      esbuildOptions: (options) => {
        options.conditions = ["@servable/source"];
      },
    });
    return await import(pathToFileURL(join(folder, "module.mjs")).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Milliseconds of processor time that `run` takes a call, of all threads: others may load the machine meanwhile. */
export async function processorTime(run, milliseconds = 120) {
  const until = performance.now() + milliseconds;
  const before = process.cpuUsage();
  let calls = 0;
  do {
    await run();
    calls++;
  } while (performance.now() < until);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / calls;
}
