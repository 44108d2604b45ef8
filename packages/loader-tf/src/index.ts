export type { OptimizeOptions } from "./portable/compile.js";
export { type SavedModelOptions, savedModel } from "./saved-model.js";
export type { TfInput, TfServable } from "./tf-servable.js";
