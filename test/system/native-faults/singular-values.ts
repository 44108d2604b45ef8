import { type AttrValue, DataType, SavedModel, type TensorInfo } from "@servable/tf-proto";

const float: AttrValue = { value: { $case: "type", value: DataType.DT_FLOAT } };
const bool = (value: boolean): AttrValue => ({ value: { $case: "b", value } });

function tensor(name: string, rank: number): TensorInfo {
  const dim = Array.from({ length: rank }, () => ({ size: -1n, name: "" }));
  return {
    encoding: { $case: "name", value: name },
    dtype: DataType.DT_FLOAT,
    tensorShape: { dim, unknownRank: false },
  };
}

/** A SavedModel without variables: `values`, the singular values of the matrix `x`, whose kernel needs much stack. */
export function singularValues(): Uint8Array {
  const uv = { compute_uv: bool(false), full_matrices: bool(false) };
  const node = [
    { name: "x", op: "Placeholder", input: [], attr: new Map([["dtype", float]]) },
    { name: "svd", op: "Svd", input: ["x"], attr: new Map([["T", float], ...Object.entries(uv)]) },
  ];
  const signature = {
    inputs: new Map([["x", tensor("x:0", 2)]]),
    outputs: new Map([["values", tensor("svd:0", 1)]]),
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
