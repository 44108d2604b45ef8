import type { Tensor } from "@servable/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { floats, longs, numbersOf, runKernel, type } from "../../testing/run-kernel.js";
import type { Attribute } from "../graph/graph.js";

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
        const [indices, values, shape] = runKernel("SparseCross", columns, {
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
    expect(() => runKernel("SparseCross", columns, { ...attributes, dense_types: dense })).toThrow(
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
    expect(() => runKernel("SparseCross", inputs, { ...attributes, ...given })).toThrow(refused);
  });
});
