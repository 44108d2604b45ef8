import { availableParallelism } from "node:os";
import { startWorker } from "./engine/worker/node-worker.js";
import { type SavedModelLoader, type SavedModelOptions, savedModelOn } from "./saved-model.js";

export { memoryFiles } from "./files/memory-files.js";
export { type UrlFilesOptions, urlFiles } from "./files/url-files.js";
export type { OptimizeOptions } from "./portable/optimize/passes.js";
export type { SavedModelLoader, SavedModelOptions } from "./saved-model.js";
export type { TfInput, TfServable } from "./tf-servable.js";

/**
 * Makes loaders of SavedModels: `fsSource({ name, path }).pipe(loadWith(savedModel()))`.
 * @throws ServingError INVALID_ARGUMENT for a bad option
 */
export function savedModel(options: SavedModelOptions = {}): SavedModelLoader {
  return savedModelOn({ cores: availableParallelism, startWorker }, options);
}
