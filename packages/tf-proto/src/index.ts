export { BoundedReader, type ReadBudget } from "./bounded-reader.js";
export { type DataTypeName, dataTypeCode, dataTypeEnumName, dataTypeName } from "./data-type.js";
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
