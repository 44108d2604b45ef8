export { assetPath } from "./asset-path.js";
export { type Bundle, openBundle } from "./bundle/bundle.js";
export { type ListedFile, missingFromSavedModel } from "./completeness.js";
export { decodeExample, type ExampleFeature } from "./example.js";
export { type Asset, assetsOf, initOpOf } from "./init-op.js";
export type { ReadFile } from "./read-file.js";
export {
  ASSETS_FOLDER,
  parseSavedModel,
  SAVED_MODEL_FILE,
  SERVING_TAGS,
  selectMetaGraph,
  VARIABLES_PREFIX,
} from "./saved-model.js";
export { SavedModelError, type SavedModelErrorCode } from "./saved-model-error.js";
export { type SavedSignature, type SignatureTensor, signaturesOf } from "./signatures.js";
export type { StoredData, StoredTensor } from "./stored-tensor.js";
export { decodeTensorProto } from "./tensor-proto.js";
