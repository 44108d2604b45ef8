export { assetPath } from "./asset-path.js";
export { type Bundle, openBundle } from "./bundle/bundle.js";
export { crc32c } from "./bundle/crc32c.js";
export { type ListedFile, missingFromSavedModel } from "./completeness.js";
export { decodeExample, type ExampleFeature, type ExampleFeatures, encodeExample, withContext } from "./example.js";
export { fromHalfBits, type HalfDType, toHalfBits } from "./half-bits.js";
export { type Asset, assetsOf, initOpOf } from "./init-op.js";
export {
  formatManifest,
  MANIFEST_FILE,
  type Manifest,
  type ManifestFile,
  missingFromManifest,
  parseManifest,
  staysInside,
} from "./manifest.js";
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
export type { RecordedCall } from "./warm-up/prediction-log.js";
export { MAX_WARM_UP_RECORDS, WARM_UP_FILE, warmUpCalls, warmUpFile } from "./warm-up/warm-up-file.js";
