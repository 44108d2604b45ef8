export { BoundedReader, type ReadBudget } from "./bounded-reader.js";
export { type DataTypeName, dataTypeCode, dataTypeEnumName, dataTypeName } from "./data-type.js";
export {
  ConfigProto,
  GPUOptions,
  GraphOptions,
  OptimizerOptions,
  OptimizerOptions_GlobalJitLevel,
  RunOptions,
  RunOptions_TraceLevel,
} from "./gen/config.js";
export { Example, Feature } from "./gen/example.js";
export {
  AttrValue,
  AttrValue_ListValue,
  FunctionDef,
  FunctionDefLibrary,
  GraphDef,
  NameAttrList,
  NodeDef,
  OpDef,
  OpDef_ArgDef,
} from "./gen/graph.js";
export { TrackableObjectGraph } from "./gen/object_graph.js";
export {
  type ClassificationRequest,
  type InferenceTask,
  type Input,
  type ModelSpec,
  type MultiInferenceRequest,
  PredictionLog,
  type PredictRequest,
  type RegressionRequest,
} from "./gen/prediction_log.js";
export { RunMetadata } from "./gen/run_metadata.js";
export {
  AssetFileDef,
  CollectionDef,
  MetaGraphDef,
  MetaGraphDef_MetaInfoDef,
  SavedModel,
  SaverDef,
  SignatureDef,
  TensorInfo,
} from "./gen/saved_model.js";
export { DataType, TensorProto, TensorShapeProto, TensorShapeProto_Dim } from "./gen/tensor.js";
export {
  BundleEntryProto,
  BundleHeaderProto,
  BundleHeaderProto_Endianness,
  TensorSliceProto,
  TensorSliceProto_Extent,
} from "./gen/tensor_bundle.js";
