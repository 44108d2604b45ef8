import type { DType, Loaded, TensorData } from "@servable/core";
import { loadContext } from "@servable/core/testing";
import { type AttrValue, DataType, SavedModel, type TensorInfo } from "@servable/tf-proto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryFiles, savedModel } from "../index.js";
import { tensorFlowLibrary } from "../testing/tensorflow-library.js";
import type { TfServable } from "../tf-servable.js";
import type { Halves } from "./signatures.js";

const library = tensorFlowLibrary();

const bytes = (...texts: readonly string[]): Uint8Array[] => texts.map((text) => new TextEncoder().encode(text));

/** Two elements of each type of TensorFlow's, as the caller has them. */
const CASES: readonly (readonly [keyof typeof DataType, DType, TensorData])[] = [
  ["DT_FLOAT", "float32", Float32Array.of(-0.1, Number.POSITIVE_INFINITY)],
  ["DT_DOUBLE", "float64", Float64Array.of(-0.1, 1e300)],
  ["DT_HALF", "float16", Float32Array.of(-1.5, 65504)],
  ["DT_BFLOAT16", "bfloat16", Float32Array.of(-1.5, 2 ** 100)],
  ["DT_INT8", "int8", Int8Array.of(-128, 127)],
  ["DT_INT16", "int16", Int16Array.of(-32768, 32767)],
  ["DT_INT32", "int32", Int32Array.of(-(2 ** 31), 2 ** 31 - 1)],
  ["DT_INT64", "int64", BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n)],
  ["DT_UINT8", "uint8", Uint8Array.of(0, 255)],
  ["DT_UINT16", "uint16", Uint16Array.of(0, 65535)],
  ["DT_UINT32", "uint32", Uint32Array.of(0, 2 ** 32 - 1)],
  ["DT_UINT64", "uint64", BigUint64Array.of(0n, 2n ** 64n - 1n)],
  ["DT_BOOL", "bool", Uint8Array.of(1, 0)],
  ["DT_STRING", "string", bytes("", "a text that is longer than what a TF_TString has room for, \u0000 and all")],
  ["DT_COMPLEX64", "complex64", Float32Array.of(1, -2, 3, 4)],
  ["DT_COMPLEX128", "complex128", Float64Array.of(1, -2, 1e300, 4)],
  ["DT_QINT8", "int8", Int8Array.of(-128, 127)],
  ["DT_QUINT8", "uint8", Uint8Array.of(0, 255)],
  ["DT_QINT16", "int16", Int16Array.of(-32768, 32767)],
  ["DT_QUINT16", "uint16", Uint16Array.of(0, 65535)],
  ["DT_QINT32", "int32", Int32Array.of(-(2 ** 31), 2 ** 31 - 1)],
];

/** A SavedModel with a signature for each type, that gives back what it is given. */
function identities(): Uint8Array {
  const shape = { dim: [{ size: -1n, name: "" }], unknownRank: false };
  const tensor = (value: string, dtype: DataType): TensorInfo => ({
    encoding: { $case: "name", value },
    dtype,
    tensorShape: shape,
  });
  const types = CASES.map(([name]) => ({ name, dtype: DataType[name] }));
  const node = types.flatMap(({ name, dtype }) => {
    const type: AttrValue = { value: { $case: "type", value: dtype } };
    return [
      { name: `x_${name}`, op: "Placeholder", input: [], attr: new Map([["dtype", type]]) },
      { name: `y_${name}`, op: "Identity", input: [`x_${name}`], attr: new Map([["T", type]]) },
    ];
  });
  const signatures = types.map(({ name, dtype }) => ({
    name,
    inputs: new Map([["x", tensor(`x_${name}:0`, dtype)]]),
    outputs: new Map([["y", tensor(`y_${name}:0`, dtype)]]),
    methodName: "tensorflow/serving/predict",
    defaults: new Map(),
  }));
  const metaGraph = {
    metaInfoDef: { tags: ["serve"], tensorflowVersion: "" },
    graphDef: { node, library: undefined },
    saverDef: undefined,
    collectionDef: new Map(),
    signatureDef: new Map(signatures.map(({ name, ...signature }) => [name, signature])),
    assetFileDef: [],
    objectGraphDef: undefined,
  };
  return SavedModel.encode({ savedModelSchemaVersion: 1n, metaGraphs: [metaGraph] }).finish();
}

const load = (halves: Halves): Promise<Loaded<TfServable>> =>
  savedModel({ engine: "native", native: { library: library ?? "", halves } })(
    memoryFiles({ "saved_model.pb": identities() }),
  ).load(loadContext());

describe.skipIf(library === undefined)("tensors in and out of TensorFlow", () => {
  let loaded: Loaded<TfServable> | undefined;
  beforeAll(async () => {
    loaded = await load("float32");
  });
  afterAll(() => loaded?.[Symbol.asyncDispose]());

  it.each(CASES)("%s is %s", async (signature, dtype, data) => {
    const given = { dtype, shape: [2], data };
    expect(await loaded?.servable.predict({ x: given }, { signature })).toEqual({ y: given });
  });

  it.each(CASES)("%s may be empty", async (signature, dtype, data) => {
    const given = { dtype, shape: [0], data: data.slice(0, 0) };
    expect(await loaded?.servable.predict({ x: given }, { signature })).toEqual({ y: given });
  });

  it.each(["DT_HALF", "DT_BFLOAT16"])("%s is uint16 where its bits are asked for", async (signature) => {
    await using raw = await load("bits");
    const given = { dtype: "uint16", shape: [3], data: Uint16Array.of(0, 0x7e01, 0xfc00) } as const;
    expect(await raw.servable.predict({ x: given }, { signature })).toEqual({ y: given });
  });
});
