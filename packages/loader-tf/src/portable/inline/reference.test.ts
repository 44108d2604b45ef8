import { type AttrValue, DataType, type NodeDef } from "@servable/tf-proto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OUTPUT_NAMES } from "./output-names.js";
import { outputNumber } from "./reference.js";

function node(op: string, attributes: Readonly<Record<string, AttrValue["value"]>> = {}): NodeDef {
  const entries = Object.entries(attributes).map(([name, value]): [string, AttrValue] => [name, { value }]);
  return { op, name: "n", input: [], attr: new Map(entries) };
}

const int = (value: number): AttrValue["value"] => ({ $case: "i", value: BigInt(value) });
const types = (count: number): AttrValue["value"] => ({
  $case: "list",
  value: {
    s: [],
    i: [],
    f: [],
    b: [],
    type: Array.from({ length: count }, () => DataType.DT_FLOAT),
    shape: [],
    tensor: [],
    func: [],
  },
});

describe("the number of an output that a function names", () => {
  it.each([
    ["StringSplitV2", "indices", 0, 0],
    ["StringSplitV2", "shape", 0, 2],
    ["TopKV2", "indices", 0, 1],
    ["Identity", "output", 0, 0],
    ["IdentityN", "output", 3, 3],
    ["StatefulPartitionedCall", "output", 2, 2],
  ])("of %s:%s:%d is %d", (op, name, index, wanted) => {
    expect(outputNumber(node(op), name, index)).toBe(wanted);
  });

  it("lies behind the lists before it, as long as the attributes say", () => {
    const parse = node("ParseExampleV2", { num_sparse: int(2), sparse_types: types(2), Tdense: types(3) });
    expect(outputNumber(parse, "sparse_shapes", 1)).toBe(5);
    expect(outputNumber(parse, "dense_values", 2)).toBe(8);
    expect(outputNumber(parse, "ragged_values", 0)).toBe(9);
    const gather = node("RaggedGather", { OUTPUT_RAGGED_RANK: int(3) });
    expect(outputNumber(gather, "output_nested_splits", 2)).toBe(2);
    expect(outputNumber(gather, "output_dense_values", 0)).toBe(3);
  });

  it("counts an attribute that was left out as none", () => {
    expect(outputNumber(node("RaggedGather"), "output_dense_values", 0)).toBe(0);
  });

  it.each([
    ["a name that the op has not", node("TopKV2"), "shape"],
    ["a negative length", node("RaggedGather", { OUTPUT_RAGGED_RANK: int(-1) }), "output_dense_values"],
    [
      "a length of another kind",
      node("RaggedGather", { OUTPUT_RAGGED_RANK: { $case: "b", value: true } }),
      "output_dense_values",
    ],
  ])("refuses %s", (_, broken, name) => {
    expect(() => outputNumber(broken, name, 0)).toThrow(expect.objectContaining({ code: "DATA_LOSS" }));
  });

  it("is another one for each output of an op", () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.entries(OUTPUT_NAMES)), fc.nat(4), ([op, outputs], length) => {
        const lists = outputs.flatMap((output) => output.split("*").slice(1));
        const each = node(op, Object.fromEntries(lists.map((name) => [name, int(length)])));
        const numbers = outputs.flatMap((output) => {
          const [name = "", list] = output.split("*");
          return Array.from({ length: list === undefined ? 1 : length }, (__, index) =>
            outputNumber(each, name, index),
          );
        });
        expect(numbers).toEqual(numbers.map((___, at) => at));
      }),
    );
  });
});
