import { availableParallelism } from "node:os";
import { ServingError } from "@servable/core";
import { autoEngine, type Candidate } from "./engine/auto-engine.js";
import type { Engine, EngineName } from "./engine/engine.js";
import { type PortableOptions, portableEngine } from "./engine/portable-engine.js";
import { startWorker } from "./engine/worker/node-worker.js";
import { PORTABLE_WORKER } from "./engine/worker/worker-url.js";
import { libraryHere } from "./native/look-around.js";
import { type NativeOptions, nativeEngine } from "./native/native-engine.js";
import { chosenFolder, loadAddon } from "./tfjs-node/addon.js";
import { type TfjsNodeOptions, tfjsNodeEngine } from "./tfjs-node/tfjs-node-engine.js";

/** Which engine is to run the models, and what each of them wants to know. */
export interface EngineOptions extends PortableOptions {
  /**
   * What runs the models: `portable` needs nothing else, `native` TensorFlow's C library and the package koffi,
   * `tfjs-node` that package. `auto` takes native if it can be had here, else tfjs-node, else portable, and says in
   * `describe()` and in the progress of a load which and why.
   * @defaultValue "portable"
   */
  readonly engine?: EngineName | "auto";
  /** Options of the engine `native`. */
  readonly native?: NativeOptions;
  /** Options of the engine `tfjs-node`. */
  readonly tfjsNode?: TfjsNodeOptions;
}

const ENGINES: Readonly<Record<EngineName | "auto", (options: EngineOptions) => Engine>> = {
  portable: (options) =>
    portableEngine({ cores: availableParallelism, startWorker: () => startWorker(PORTABLE_WORKER) }, options),
  native: ({ native = {}, ...limits }) => nativeEngine(native, limits),
  "tfjs-node": ({ tfjsNode = {}, ...limits }) => tfjsNodeEngine(tfjsNode, limits),
  // All three are made, so that a bad option is told at once, whichever runs the models then.
  auto: (options) => autoEngine(ENGINE_ORDER.map((name) => candidateOf(name, options))),
};

/** What `auto` tries in turn. */
export const ENGINE_ORDER: readonly EngineName[] = ["native", "tfjs-node", "portable"];

const FOUND: Readonly<Record<EngineName, (options: EngineOptions) => Promise<string>>> = {
  native: async ({ native = {} }) => {
    const path = libraryHere(native.library);
    const { version } = await (await import("./native/library.js")).openLibrary(path);
    return `TensorFlow ${version} of ${path}`;
  },
  "tfjs-node": async ({ tfjsNode = {} }) => {
    const folder = chosenFolder(tfjsNode.package);
    return `TensorFlow ${loadAddon(folder).TF_Version} of ${folder}`;
  },
  portable: async () => "it needs nothing else",
};

/**
 * Looks whether an engine has here what it needs, as `auto` does; gives the reason for taking it. What it loads stays in
 * the process.
 * @throws ServingError FAILED_PRECONDITION where something is missing
 */
export function foundForEngine(name: EngineName, options: EngineOptions = {}): Promise<string> {
  return FOUND[name](options);
}

function candidateOf(name: EngineName, options: EngineOptions): Candidate {
  return { name, engine: ENGINES[name](options), found: () => foundForEngine(name, options) };
}

/**
 * The engine that options ask for.
 * @throws ServingError INVALID_ARGUMENT for one that there is not, or a bad option
 */
export function chooseEngine(options: EngineOptions): Engine {
  const { engine = "portable" } = options;
  if (Object.hasOwn(ENGINES, engine)) return ENGINES[engine](options);
  const there = Object.keys(ENGINES).join(", ");
  throw new ServingError("INVALID_ARGUMENT", `there is no engine ${engine}; this version has: ${there}`);
}
