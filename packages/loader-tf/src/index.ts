import { chooseEngine, type EngineOptions } from "./choose-engine.js";
import { type ModelOptions, type SavedModelLoader, savedModelOn } from "./saved-model.js";

export { memoryFiles } from "./files/memory-files.js";
export { type UrlFilesOptions, urlFiles } from "./files/url-files.js";
export type { GpuOptions } from "./native/config.js";
export type { NativeOptions } from "./native/native-engine.js";
export type { OptimizeOptions } from "./portable/optimize/passes.js";
export type { SavedModelLoader } from "./saved-model.js";
export type { TfInput, TfServable } from "./tf-servable.js";
export type { TfjsNodeOptions } from "./tfjs-node/tfjs-node-engine.js";
export type { WarmUpOptions } from "./warm-up/warm-up-options.js";

/** Options of {@link savedModel}. */
export interface SavedModelOptions extends ModelOptions, EngineOptions {}

/**
 * Makes loaders of SavedModels: `fsSource({ name, path }).pipe(loadWith(savedModel()))`.
 * @throws ServingError INVALID_ARGUMENT for a bad option
 */
export function savedModel(options: SavedModelOptions = {}): SavedModelLoader {
  return savedModelOn(chooseEngine(options), options);
}
