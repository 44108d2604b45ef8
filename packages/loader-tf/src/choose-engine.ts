import { availableParallelism } from "node:os";
import { ServingError } from "@servable/core";
import type { Engine, EngineName } from "./engine/engine.js";
import { type PortableOptions, portableEngine } from "./engine/portable-engine.js";
import { startWorker } from "./engine/worker/node-worker.js";
import { PORTABLE_WORKER } from "./engine/worker/worker-url.js";
import { type NativeOptions, nativeEngine } from "./native/native-engine.js";
import { type TfjsNodeOptions, tfjsNodeEngine } from "./tfjs-node/tfjs-node-engine.js";

/** Which engine is to run the models, and what each of them wants to know. */
export interface EngineOptions extends PortableOptions {
  /**
   * What runs the models: `portable` needs nothing else, `native` TensorFlow's C library and the package koffi.
   * @defaultValue "portable"
   */
  readonly engine?: EngineName;
  /** Options of the engine `native`. */
  readonly native?: NativeOptions;
  /** Options of the engine `tfjs-node`. */
  readonly tfjsNode?: TfjsNodeOptions;
}

const ENGINES: Readonly<Partial<Record<EngineName, (options: EngineOptions) => Engine>>> = {
  portable: (options) =>
    portableEngine({ cores: availableParallelism, startWorker: () => startWorker(PORTABLE_WORKER) }, options),
  native: ({ native = {}, ...limits }) => nativeEngine(native, limits),
  "tfjs-node": ({ tfjsNode = {}, ...limits }) => tfjsNodeEngine(tfjsNode, limits),
};

/**
 * The engine that options ask for.
 * @throws ServingError INVALID_ARGUMENT for one that there is not, or a bad option
 */
export function chooseEngine(options: EngineOptions): Engine {
  const { engine = "portable" } = options;
  const make = Object.hasOwn(ENGINES, engine) ? ENGINES[engine] : undefined;
  if (make !== undefined) return make(options);
  const there = Object.keys(ENGINES).join(", ");
  throw new ServingError("INVALID_ARGUMENT", `there is no engine ${engine}; this version has: ${there}`);
}
