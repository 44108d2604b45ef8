import { type DataTypeName, dataTypeCode, TensorProto } from "@servable/tf-proto";
import { describe, expect, it } from "vitest";
import { decodeTensorProto } from "./tensor-proto.js";
import { codeOf } from "./testing/files.js";

function proto(dtype: DataTypeName, shape: readonly number[], values: Partial<TensorProto> = {}): TensorProto {
  const empty = TensorProto.decode(new Uint8Array());
  const dim = shape.map((size) => ({ size: BigInt(size), name: "" }));
  return { ...empty, dtype: dataTypeCode(dtype), tensorShape: { dim, unknownRank: false }, ...values };
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe("a tensor in a graph", () => {
  it.each<[string, TensorProto, unknown]>([
    ["values in a list", proto("float32", [2], { floatVal: [1, 2] }), Float32Array.of(1, 2)],
    ["one value for all", proto("int32", [3], { intVal: [7] }), Int32Array.of(7, 7, 7)],
    ["the last value repeated", proto("int64", [3], { int64Val: [1n, 2n] }), BigInt64Array.of(1n, 2n, 2n)],
    ["no value", proto("float64", [2]), new Float64Array(2)],
    ["more values than elements", proto("uint8", [1], { intVal: [1, 2] }), Uint8Array.of(1)],
    ["bools", proto("bool", [3], { boolVal: [true, false] }), Uint8Array.of(1, 0, 0)],
    ["halves", proto("float16", [2], { halfVal: [0x3c00, 0xc000] }), Float32Array.of(1, -2)],
    ["bfloat16s", proto("bfloat16", [2], { halfVal: [0x3f80, 0xc000] }), Float32Array.of(1, -2)],
    ["complex numbers", proto("complex64", [2], { scomplexVal: [1, 2] }), Float32Array.of(1, 2, 1, 2)],
    ["strings", proto("string", [2], { stringVal: [text("a")] }), [text("a"), text("a")]],
    [
      "bytes",
      proto("int32", [2], { tensorContent: Uint8Array.of(1, 0, 0, 0, 255, 255, 255, 255) }),
      Int32Array.of(1, -1),
    ],
    ["no elements", proto("float32", [0, 5]), new Float32Array()],
    ["a scalar", proto("float32", [], { floatVal: [3] }), Float32Array.of(3)],
    [
      "strings in bytes",
      proto("string", [2], { tensorContent: Uint8Array.of(1, 2, 97, 98, 99) }),
      [text("a"), text("bc")],
    ],
  ])("may have %s", (_title, tensor, data) => {
    expect(decodeTensorProto(tensor, "t").data).toEqual(data);
  });

  it.each<[string, TensorProto, string]>([
    ["more elements than bytes", proto("float32", [1_000_000], { tensorContent: new Uint8Array(4) }), "DATA_LOSS"],
    ["more elements than memory", proto("float32", [2 ** 40], { floatVal: [1] }), "DATA_LOSS"],
    ["more strings than bytes", proto("string", [2 ** 40], { tensorContent: Uint8Array.of(1) }), "DATA_LOSS"],
    ["fewer elements than bytes", proto("float32", [1], { tensorContent: new Uint8Array(8) }), "DATA_LOSS"],
    ["a negative size", proto("float32", [-2]), "DATA_LOSS"],
    ["an unknown size", proto("float32", [-1]), "DATA_LOSS"],
    [
      "too many dimensions",
      proto(
        "float32",
        Array.from({ length: 255 }, () => 1),
      ),
      "DATA_LOSS",
    ],
    ["a size beyond counting", proto("float32", [2 ** 52, 2 ** 52]), "DATA_LOSS"],
    ["strings that go too far", proto("string", [1], { tensorContent: Uint8Array.of(9, 97) }), "DATA_LOSS"],
    ["strings with bytes left", proto("string", [1], { tensorContent: Uint8Array.of(1, 97, 98) }), "DATA_LOSS"],
    ["the type resource", { ...proto("float32", [1]), dtype: 20 }, "UNSUPPORTED"],
  ])("may not have %s", async (_title, tensor, code) => {
    expect(await codeOf(() => decodeTensorProto(tensor, "weights"))).toBe(code);
    expect(() => decodeTensorProto(tensor, "weights")).toThrow(/^weights/);
  });
});
