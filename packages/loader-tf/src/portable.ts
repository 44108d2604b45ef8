// The portable engine for pages, web workers and edge runtimes: nothing of Node's.
import { type PortableOptions, portableEngine } from "./engine/portable-engine.js";
import { hasWebWorkers, startWebWorker } from "./engine/worker/web-worker.js";
import { type ModelOptions, type SavedModelLoader, savedModelOn } from "./saved-model.js";

export { memoryFiles } from "./files/memory-files.js";
export { type UrlFilesOptions, urlFiles } from "./files/url-files.js";
export type { OptimizeOptions } from "./portable/optimize/passes.js";
export type { SavedModelLoader } from "./saved-model.js";
export type { TfInput, TfServable } from "./tf-servable.js";
export type { WarmUpOptions } from "./warm-up/warm-up-options.js";

/** Options of {@link savedModel}. */
export interface SavedModelOptions extends ModelOptions, PortableOptions {
  /** What runs the models: in a page there is one. @defaultValue "portable" */
  readonly engine?: "portable";
}

/**
 * Makes loaders of SavedModels, as that of `@servable/loader-tf` does, with web workers for threads; without them it
 * runs on the calling thread.
 * @throws ServingError INVALID_ARGUMENT for a bad option
 */
export function savedModel(options: SavedModelOptions = {}): SavedModelLoader {
  // Edge runtimes may have no navigator, and no cores to tell of.
  const { hardwareConcurrency = 1 } = (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator ?? {};
  const cores = (): number => (hasWebWorkers() ? hardwareConcurrency : 0);
  return savedModelOn(portableEngine({ cores, startWorker: startWebWorker }, options), options);
}
