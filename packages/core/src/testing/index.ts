export type { ContractCase, ContractOptions } from "./contract/contract.js";
export { type LeakCheck, leakCheck } from "./contract/leak-check.js";
export { type LoaderSubject, loaderContract } from "./contract/loader-contract.js";
export { type ModelFilesSubject, modelFilesContract } from "./contract/model-files-contract.js";
export { type PredictorExample, type PredictorSubject, predictorContract } from "./contract/predictor-contract.js";
export { type SourceSubject, sourceContract } from "./contract/source-contract.js";
export { type GatedLoad, type GatedLoader, type GatedServable, gatedLoader } from "./gated-loader.js";
export { type LoadContextOptions, loadContext } from "./load-context.js";
export { type ManualClock, manualClock } from "./manual-clock.js";
