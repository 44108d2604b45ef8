export type { ExampleFeature, ExampleFeatures } from "@servable/saved-model";
export type { SignatureSpec } from "./call-signature.js";
export { type CallSignal, Cancellation } from "./cancellation.js";
export { type Class, type Classification, type ClassifyRequest, classify } from "./classify.js";
export type { Example, ExampleInput } from "./example-input.js";
export { getModelMetadata, type ModelMetadata } from "./model-metadata.js";
export type { ModelSpec } from "./model-spec.js";
export { getModelStatus, type ModelStatus, type VersionStatus } from "./model-status.js";
export {
  type InferenceTask,
  type MultiInference,
  type MultiInferenceRequest,
  multiInference,
} from "./multi-inference.js";
export { type Prediction, type PredictRequest, predict } from "./predict.js";
export { type Regression, type RegressRequest, regress } from "./regress.js";
