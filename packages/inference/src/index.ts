export { getModelMetadata, type ModelMetadata } from "./model-metadata.js";
export type { ModelSpec } from "./model-spec.js";
export { getModelStatus, type ModelStatus, type VersionStatus } from "./model-status.js";
export { type Prediction, type PredictRequest, predict } from "./predict.js";
