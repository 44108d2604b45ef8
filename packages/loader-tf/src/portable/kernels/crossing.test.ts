import type { Tensor } from "@servable/core";
import { dataTypeCode } from "@servable/tf-proto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostOnlyDevice } from "../../testing/host-only-device.js";
import type { Attribute } from "../graph/graph.js";
import { Value } from "../run/value.js";
import { KERNELS } from "./registry.js";

function run(op: string, inputs: readonly Tensor[], attributes: Readonly<Record<string, Attribute>> = {}): Tensor[] {
  const node = { op, name: "n", inputs: [], controls: [], attributes: new Map(Object.entries(attributes)) };
  const values = inputs.map((input) => Value.ofHost(input, hostOnlyDevice));
  return (KERNELS.get(op)?.(node)(hostOnlyDevice, ...values) ?? []).map((value) => value.host());
}

const longs = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor => ({
  dtype: "int64",
  shape,
  data: BigInt64Array.from(values, BigInt),
});
const floats = (values: readonly number[]): Tensor => ({
  dtype: "float32",
  shape: [values.length],
  data: Float32Array.from(values),
});
const numbersOf = (tensor: Tensor | undefined): number[] => Array.from(tensor?.data ?? [], Number);
const type = (name: "float32" | "int64" | "string"): Attribute => ({ type: dataTypeCode(name) });
const types = (...names: readonly ("int64" | "string")[]): Attribute => names.map(type);
const refused = expect.objectContaining({ code: expect.stringMatching(/^(INVALID_ARGUMENT|RESOURCE_EXHAUSTED)$/) });

describe("crosses", () => {
  const attributes = {
    N: 0n,
    sparse_types: [],
    out_type: type("int64"),
    hash_key: 1n,
    num_buckets: 1000n,
  };

  it("are as many as the sizes of the columns multiplied", () => {
    const size = fc.nat(4);
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 3 }), fc.nat(3), (widths, rows) => {
        const columns = widths.map((width) =>
          longs(
            Array.from({ length: rows * width }, (_, at) => at),
            [rows, width],
          ),
        );
        const [indices, values, shape] = run("SparseCross", columns, {
          ...attributes,
          dense_types: types(...widths.map(() => "int64" as const)),
        });
        const each = widths.reduce((product, width) => product * width, 1);
        expect(values?.shape).toEqual([rows * each]);
        expect(indices?.shape).toEqual([rows * each, 2]);
        expect(numbersOf(shape)).toEqual([rows, rows === 0 ? 0 : each]);
        expect(numbersOf(values).every((bucket) => bucket >= 0 && bucket < 1000)).toBe(true);
      }),
    );
  });

  it("are refused where there would be too many", () => {
    const columns = Array.from({ length: 5 }, () =>
      longs(
        Array.from({ length: 1000 }, () => 0),
        [1, 1000],
      ),
    );
    const dense = types("int64", "int64", "int64", "int64", "int64");
    expect(() => run("SparseCross", columns, { ...attributes, dense_types: dense })).toThrow(
      expect.objectContaining({ code: "RESOURCE_EXHAUSTED" }),
    );
  });

  it.each<[string, readonly Tensor[], Readonly<Record<string, Attribute>>]>([
    [
      "of unlike numbers of examples",
      [longs([1], [1, 1]), longs([1, 2], [2, 1])],
      { dense_types: types("int64", "int64") },
    ],
    ["of floats", [{ ...floats([1]), shape: [1, 1] }], { dense_types: types("int64") }],
    ["of vectors", [longs([1])], { dense_types: types("int64") }],
    ["of nothing", [], { dense_types: [] }],
    [
      "of rows that are not there",
      [longs([5, 0], [1, 2]), longs([1]), longs([2, 1])],
      { N: 1n, sparse_types: types("int64"), dense_types: [] },
    ],
    [
      "of columns that are not whole",
      [longs([0, 0], [1, 2]), longs([1])],
      { N: 1n, sparse_types: types("int64"), dense_types: [] },
    ],
  ])("are refused %s", (_, inputs, given) => {
    expect(() => run("SparseCross", inputs, { ...attributes, ...given })).toThrow(refused);
  });
});

describe("counts", () => {
  const sparse = { output_type: type("float32") };

  it("in a sparse tensor are those in a dense one", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(6), { maxLength: 12 }), (values) => {
        const [dense] = run("DenseBincount", [longs(values), longs([7], []), floats([])], { T: type("float32") });
        const [indices, counts] = run("DenseCountSparseOutput", [longs(values), floats([])], sparse);
        const wanted = numbersOf(dense);
        expect(numbersOf(indices)).toEqual(wanted.flatMap((count, value) => (count > 0 ? [value] : [])));
        expect(numbersOf(counts)).toEqual(wanted.filter((count) => count > 0));
      }),
    );
  });

  it.each<[string, string, readonly Tensor[]]>([
    ["of negative numbers", "DenseCountSparseOutput", [longs([-1]), floats([])]],
    ["by other weights than values", "DenseCountSparseOutput", [longs([1, 2]), floats([1])]],
    ["of cubes", "DenseCountSparseOutput", [longs([1], [1, 1, 1]), floats([])]],
    ["by splits that end elsewhere", "RaggedCountSparseOutput", [longs([0, 3]), longs([1, 2]), floats([])]],
    ["by splits that go back", "RaggedBincount", [longs([0, 2, 1, 2]), longs([1, 2]), longs([3], []), floats([])]],
    ["into a negative size", "RaggedBincount", [longs([0, 2]), longs([1, 2]), longs([-3], []), floats([])]],
    ["into too large a size", "RaggedBincount", [longs([0, 2]), longs([1, 2]), longs([2 ** 50], []), floats([])]],
    ["by int64 weights that are too few", "Bincount", [longs([0, 2]), longs([3], []), longs([1])]],
    [
      "in rows that are not there",
      "SparseBincount",
      [longs([2, 0], [1, 2]), longs([1]), longs([2, 9]), longs([3], []), floats([])],
    ],
  ])("are refused %s", (_, op, inputs) => {
    expect(() => run(op, inputs, { ...sparse, T: type("float32") })).toThrow(refused);
  });
});
