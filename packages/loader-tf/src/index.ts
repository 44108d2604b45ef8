export type { OptimizeOptions } from "./portable/compile.js";
export { savedModel, type SavedModelOptions } from "./saved-model.js";
export type { TfInput, TfServable } from "./tf-servable.js";
