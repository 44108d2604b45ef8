import type { DType, Tensor } from "@servable/core";
import {
  type AttrValue,
  type AttrValue_ListValue,
  DataType,
  dataTypeCode,
  type FunctionDef,
  type NodeDef,
  SavedModel,
  type TensorProto,
  type TensorShapeProto,
} from "@servable/tf-proto";
import type { Attribute } from "../../packages/loader-tf/src/portable/graph/graph.js";
import { tensorOf } from "../../packages/loader-tf/src/testing/golden.js";
import { nodeOfCase, type OpCase } from "../../packages/loader-tf/src/testing/op-cases.js";

/** How a tensor of these is kept is not how it is written: a TensorProto of them takes more than their bytes. */
const WIDENED: readonly DType[] = ["float16", "bfloat16"];

/** saved_model.pb of a model that runs one operation on constants, so that it is run when the model is compiled. */
export function modelOfCase(opCase: OpCase): Uint8Array {
  const { op, attributes } = nodeOfCase(opCase);
  const inputs = opCase.inputs.map((written, index) => constantDef(`c${index}`, tensorOf(written)));
  const attr = new Map([...attributes].map(([name, value]) => [name, { value: attributeValue(value) }]));
  return modelOf([...inputs, { name: "op", op, input: inputs.map(({ name }) => name), attr }]);
}

/** Whether {@link modelOfCase} can write the inputs of a case, in a few bytes. */
export function isSmallCase({ inputs }: OpCase): boolean {
  return inputs.every(({ dtype, data }) => !WIDENED.includes(dtype) && data.length <= 64);
}

/** saved_model.pb of a model of the nodes, whose last node gives its output. */
export function modelOf(nodes: readonly NodeDef[], functions: readonly FunctionDef[] = []): Uint8Array {
  const y = {
    encoding: { $case: "name" as const, value: `${nodes.at(-1)?.name}:0` },
    dtype: DataType.DT_FLOAT,
    tensorShape: undefined,
  };
  const signature = { inputs: new Map(), outputs: new Map([["y", y]]), methodName: "m", defaults: new Map() };
  const metaGraph = {
    metaInfoDef: { tags: ["serve"], tensorflowVersion: "" },
    graphDef: { node: [...nodes], library: { function: [...functions] } },
    saverDef: undefined,
    collectionDef: new Map(),
    signatureDef: new Map([["s", signature]]),
    assetFileDef: [],
    objectGraphDef: undefined,
  };
  return SavedModel.encode({ savedModelSchemaVersion: 1n, metaGraphs: [metaGraph] }).finish();
}

/** A constant; with `inLists` its values are written one by one, so that there may be fewer than elements. */
export function constantDef(name: string, tensor: Tensor, inLists = false): NodeDef {
  const proto = tensorProto(tensor);
  const listed = { ...proto, tensorContent: new Uint8Array(0), floatVal: Array.from(tensor.data, Number) };
  const value = attributeValue({ tensor: inLists ? listed : proto });
  const attr = new Map([["value", { value }]]);
  return { name, op: "Const", input: [], attr };
}

function tensorProto({ dtype, shape, data }: Tensor): TensorProto {
  const isTyped = ArrayBuffer.isView(data);
  return {
    dtype: dataTypeCode(dtype),
    tensorShape: shapeProto(shape),
    tensorContent: isTyped ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(0),
    stringVal: isTyped ? [] : [...data],
    floatVal: [],
    doubleVal: [],
    intVal: [],
    scomplexVal: [],
    int64Val: [],
    boolVal: [],
    dcomplexVal: [],
    halfVal: [],
    uint32Val: [],
    uint64Val: [],
  };
}

/** An attribute as a graph keeps it, written. */
function attributeValue(attribute: Attribute): AttrValue["value"] {
  if (typeof attribute === "bigint") return { $case: "i", value: attribute };
  if (typeof attribute === "number") return { $case: "f", value: attribute };
  if (typeof attribute === "boolean") return { $case: "b", value: attribute };
  if (attribute instanceof Uint8Array) return { $case: "s", value: attribute };
  if (Array.isArray(attribute)) return { $case: "list", value: listOf(attribute as readonly Attribute[]) };
  if ("type" in attribute) return { $case: "type", value: attribute.type };
  if ("shape" in attribute) return { $case: "shape", value: shapeProto(attribute.shape) };
  if ("tensor" in attribute) return { $case: "tensor", value: attribute.tensor };
  return undefined;
}

function listOf(items: readonly Attribute[]): AttrValue_ListValue {
  const values = items.map(attributeValue);
  const of = <T>(kind: string): T[] => values.flatMap((item) => (item?.$case === kind ? [item.value as T] : []));
  return {
    s: of<Uint8Array>("s"),
    i: of<bigint>("i"),
    f: of<number>("f"),
    b: of<boolean>("b"),
    type: of<DataType>("type"),
    shape: of<TensorShapeProto>("shape"),
    tensor: of<TensorProto>("tensor"),
    func: [],
  };
}

function shapeProto(shape: readonly number[] | undefined): TensorShapeProto {
  return { unknownRank: shape === undefined, dim: (shape ?? []).map((size) => ({ size: BigInt(size), name: "" })) };
}
