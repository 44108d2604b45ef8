import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  AttrValue,
  BundleEntryProto,
  DataType,
  GraphDef,
  NameAttrList,
  SavedModel,
  TensorProto,
  TensorShapeProto,
} from "./index.js";

const root = fileURLToPath(new URL("..", import.meta.url));

describe("src/gen", () => {
  it("is what proto/ generates", () => {
    const folder = mkdtempSync(join(tmpdir(), "tf-proto-"));
    try {
      const path = `${join(root, "../../node_modules/.bin")}:${process.env["PATH"] ?? ""}`;
      execFileSync(process.execPath, ["generate.mjs", folder], { cwd: root, env: { ...process.env, PATH: path } });
      const files = (base: string): [string, string][] =>
        readdirSync(join(base, "src/gen")).map((name) => [name, readFileSync(join(base, "src/gen", name), "utf8")]);
      expect(files(folder)).toEqual(files(root));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

const graph = (name: string, attr: [string, AttrValue][] = []): GraphDef => ({
  node: [{ name, op: "Const", input: ["a:0", "^b"], attr: new Map(attr) }],
  library: undefined,
});

describe("decode", () => {
  it("gives back what encode took, 64-bit numbers exactly", () => {
    const value = graph("n", [
      ["i", { value: { $case: "i", value: -(2n ** 63n) } }],
      ["f", { value: { $case: "func", value: { name: "g", attr: new Map() } } }],
      ["shape", { value: { $case: "shape", value: { dim: [{ size: -1n, name: "" }], unknownRank: false } } }],
      ["type", { value: { $case: "type", value: DataType.DT_RESOURCE } }],
    ]);
    expect(GraphDef.decode(GraphDef.encode(value).finish())).toEqual(value);
  });

  it("keeps a key __proto__ as a key like any other", () => {
    const value = graph("n", [["__proto__", { value: { $case: "b", value: true } }]]);
    const [node] = GraphDef.decode(GraphDef.encode(value).finish()).node;
    expect(node?.attr.get("__proto__")).toEqual({ value: { $case: "b", value: true } });
  });

  it("gives bytes as a view of its input", () => {
    const empty = TensorProto.decode(new Uint8Array(0));
    const bytes = TensorProto.encode({ ...empty, tensorContent: new Uint8Array(1000) }).finish();
    expect(TensorProto.decode(bytes).tensorContent.buffer).toBe(bytes.buffer);
  });

  it("skips fields that are not declared", () => {
    // A DebugInfo-like field 99 in each wire type, then the schema version.
    const unknown = [0x98, 0x06, 1, 0x9a, 0x06, 2, 7, 7, 0x9d, 0x06, 1, 2, 3, 4, 0x99, 0x06, 1, 2, 3, 4, 5, 6, 7, 8];
    expect(SavedModel.decode(new Uint8Array([...unknown, 8, 1]))).toEqual({
      savedModelSchemaVersion: 1n,
      metaGraphs: [],
    });
  });

  it("refuses functions that nest without end", () => {
    let list: NameAttrList = { name: "f", attr: new Map() };
    const nested = (depth: number): Uint8Array => {
      for (let level = 0; level < depth; level++) {
        list = { name: "f", attr: new Map([["a", { value: { $case: "func", value: list } }]]) };
      }
      return NameAttrList.encode(list).finish();
    };
    expect(() => NameAttrList.decode(nested(10))).not.toThrow();
    expect(() => NameAttrList.decode(nested(500))).toThrow("recursion limit");
  });

  it.each<[string, number[], { decode(bytes: Uint8Array): unknown }]>([
    ["a length beyond the end", [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 1], GraphDef],
    ["zeros where fields should be", [8, 1, 0, 0, 0, 0], SavedModel],
    ["a field longer than the message around it", [0x12, 2, 0x12, 4, 8, 1, 8, 1], TensorShapeProto],
    ["a message that ends inside a field", [0x12, 1, 8, 1], TensorShapeProto],
    ["a single zero at the end", [8, 1, 0], SavedModel],
    ["packed numbers that end inside one", [0x2a, 3, 1, 2, 3, 0x2a, 0], TensorProto],
    ["an end of a group that never began", [0x0c], SavedModel],
    ["groups that nest without end", Array.from({ length: 5000 }, () => 0x9b & 0x7f), SavedModel],
    ["a number that never ends", Array.from({ length: 40 }, () => 0x88), SavedModel],
    ["a checksum cut short", [0x35, 1, 2], BundleEntryProto],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => message.decode(new Uint8Array(bytes))).toThrow(Error);
  });

  it("ends on any bytes, with a message or an Error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        for (const message of [SavedModel, GraphDef, AttrValue, TensorProto, BundleEntryProto]) {
          try {
            message.decode(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        }
      }),
    );
  });
});
