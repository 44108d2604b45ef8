import { type MetaGraphDef, SavedModel, SignatureDef, type TensorInfo } from "@servable/tf-proto";
import { expect, it } from "vitest";
import { assetsOf, initOpOf } from "./init-op.js";
import { parseSavedModel, selectMetaGraph } from "./saved-model.js";
import { signaturesOf } from "./signatures.js";
import { shapeProto } from "./testing/bundle-writer.js";
import { codeOf, savedModelBytes } from "./testing/files.js";

const whole = selectMetaGraph(parseSavedModel(savedModelBytes("half_plus_two/1")));
const x: TensorInfo = { encoding: { $case: "name", value: "x:0" }, dtype: 1, tensorShape: shapeProto([2]) };

/** A graph with one signature `f` of one input. */
function graphOf(input: TensorInfo, name = "x"): MetaGraphDef {
  const definition = { ...SignatureDef.decode(new Uint8Array()), inputs: new Map([[name, input]]) };
  return { ...whole, signatureDef: new Map([["f", definition]]) };
}

it.each<[string, TensorInfo, string]>([
  [
    "a sparse input",
    {
      ...x,
      encoding: {
        $case: "cooSparse",
        value: { valuesTensorName: "v", indicesTensorName: "i", denseShapeTensorName: "s" },
      },
    },
    "UNSUPPORTED",
  ],
  ["a composite input", { ...x, encoding: { $case: "compositeTensor", value: {} } }, "UNSUPPORTED"],
  ["an input without a name", { ...x, encoding: undefined }, "UNSUPPORTED"],
  ["an input of a type that no tensor has", { ...x, dtype: 20 }, "UNSUPPORTED"],
  ["an input of no type at all", { ...x, dtype: 0 }, "UNSUPPORTED"],
  ["a size below -1", { ...x, tensorShape: shapeProto([-2]) }, "DATA_LOSS"],
  ["a size beyond 2^53", { ...x, tensorShape: shapeProto([2n ** 60n]) }, "DATA_LOSS"],
  ["255 dimensions", { ...x, tensorShape: shapeProto(Array.from({ length: 255 }, () => 1)) }, "DATA_LOSS"],
])("refuse %s, by name", async (_title, input, code) => {
  expect(await codeOf(() => signaturesOf(graphOf(input)))).toBe(code);
  expect(() => signaturesOf(graphOf(input))).toThrow(/^signature f, input x: /);
});

it.each<[string, TensorInfo["tensorShape"], number[] | undefined]>([
  ["any rank", { dim: [], unknownRank: true }, undefined],
  ["a scalar", shapeProto([]), []],
  ["any size", shapeProto([-1, 3]), [-1, 3]],
  ["no word of it", undefined, []],
])("tell the shape of %s", (_title, tensorShape, shape) => {
  expect(signaturesOf(graphOf({ ...x, tensorShape })).get("f")?.inputs["x"]?.shape).toEqual(shape);
});

it("may name a tensor as they like", () => {
  const inputs = signaturesOf(graphOf(x, "__proto__")).get("f")?.inputs ?? {};
  expect(Object.keys(inputs)).toEqual(["__proto__"]);
});

it.each(["mnist/1", "mnist/2", "half_plus_two/1", "half_plus_two/2", "multi/1", "unsupported/1"])(
  "of %s leave out the initializer, which there is",
  (model) => {
    const graph = selectMetaGraph(parseSavedModel(savedModelBytes(model)));
    expect(graph.signatureDef.has("__saved_model_init_op")).toBe(true);
    expect(signaturesOf(graph).has("__saved_model_init_op")).toBe(false);
    expect(initOpOf(graph)).toBe("NoOp");
    expect(assetsOf(graph)).toEqual([]);
  },
);

it.each<[string, Map<string, string[]>, string | undefined]>([
  ["none", new Map(), undefined],
  ["an empty list", new Map([["saved_model_main_op", []]]), undefined],
  ["the old name", new Map([["legacy_init_op", ["group_deps"]]]), "group_deps"],
  ["a tensor of the operation", new Map([["legacy_init_op", ["group_deps:0"]]]), "group_deps"],
  [
    "both names, of which the newer goes",
    new Map([
      ["legacy_init_op", ["old"]],
      ["saved_model_main_op", ["new"]],
    ]),
    "new",
  ],
])("the operation that initializes is found under %s", (_title, lists, wanted) => {
  const collectionDef: MetaGraphDef["collectionDef"] = new Map(
    [...lists].map(([name, value]) => [name, { kind: { $case: "nodeList", value: { value } } }]),
  );
  expect(initOpOf({ ...whole, signatureDef: new Map(), collectionDef })).toBe(wanted);
});

it("assets of TensorFlow 1 lie in a collection, of TensorFlow 2 in a field, which goes before", () => {
  const old = parseSavedModel(savedModelBytes("tf1_text/1"));
  expect(assetsOf(selectMetaGraph(old))).toEqual([{ filename: "vocabulary.txt", tensorName: "asset_path:0" }]);
  const both = {
    ...selectMetaGraph(old),
    assetFileDef: [{ tensorInfo: undefined, filename: "new.txt" }],
  };
  const bytes = SavedModel.encode({ ...old, metaGraphs: [both] }).finish();
  expect(assetsOf(selectMetaGraph(parseSavedModel(bytes)))).toEqual([{ filename: "new.txt", tensorName: "" }]);
});

it("an asset in a collection that cannot be decoded is DATA_LOSS", async () => {
  const bytes = savedModelBytes("tf1_text/1").slice();
  const file = Buffer.from(bytes.buffer);
  // Its tag becomes that of a group, which no field of ours has.
  const at = file.indexOf("vocabulary.txt", file.indexOf("tensorflow.AssetFileDef")) - 2;
  expect(bytes[at]).toBe(0x12);
  bytes[at] = 0x14;
  expect(await codeOf(() => parseSavedModel(bytes))).toBe("DATA_LOSS");
});
