import { type AttrValue, DataType, SavedModel, type TensorInfo } from "@servable/tf-proto";

const float: AttrValue = { value: { $case: "type", value: DataType.DT_FLOAT } };

function tensor(name: string): TensorInfo {
  const dim = [-1n, -1n].map((size) => ({ size, name: "" }));
  const tensorShape = { dim, unknownRank: false };
  return { encoding: { $case: "name", value: name }, dtype: DataType.DT_FLOAT, tensorShape };
}

/** A SavedModel without variables: `r`, the triangle of the QR decomposition of `x`, whose kernel needs much stack. */
export function triangle(): Uint8Array {
  const full: AttrValue = { value: { $case: "b", value: false } };
  const node = [
    { name: "x", op: "Placeholder", input: [], attr: new Map([["dtype", float]]) },
    { name: "qr", op: "Qr", input: ["x"], attr: new Map(Object.entries({ T: float, full_matrices: full })) },
  ];
  const signature = {
    inputs: new Map([["x", tensor("x:0")]]),
    outputs: new Map([["r", tensor("qr:1")]]),
    methodName: "tensorflow/serving/predict",
    defaults: new Map(),
  };
  const metaGraph = {
    metaInfoDef: { tags: ["serve"], tensorflowVersion: "" },
    graphDef: { node, library: undefined },
    saverDef: undefined,
    collectionDef: new Map(),
    signatureDef: new Map([["serving_default", signature]]),
    assetFileDef: [],
    objectGraphDef: undefined,
  };
  return SavedModel.encode({ savedModelSchemaVersion: 1n, metaGraphs: [metaGraph] }).finish();
}
