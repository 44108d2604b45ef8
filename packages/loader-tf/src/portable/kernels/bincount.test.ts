import type { Tensor } from "@servable/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { floats, longs, numbersOf, runKernel, type } from "../../testing/run-kernel.js";

const refused = expect.objectContaining({ code: expect.stringMatching(/^(INVALID_ARGUMENT|RESOURCE_EXHAUSTED)$/) });

describe("counts", () => {
  const sparse = { output_type: type("float32") };

  it("in a sparse tensor are those in a dense one", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(6), { maxLength: 12 }), (values) => {
        const [dense] = runKernel("DenseBincount", [longs(values), longs([7], []), floats([])], { T: type("float32") });
        const [indices, counts] = runKernel("DenseCountSparseOutput", [longs(values), floats([])], sparse);
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
    expect(() => runKernel(op, inputs, { ...sparse, T: type("float32") })).toThrow(refused);
  });
});
