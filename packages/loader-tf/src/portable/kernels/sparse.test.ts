import { ServingError, type Tensor } from "@servable/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { floats, longs, numbersOf, runKernel, type } from "../../testing/run-kernel.js";

const T = { T: type("float32") };

/** Sparse matrices of 3 rows and 4 columns, in row-major order, with dense ones of the same elements. */
const matrix = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 12, maxLength: 12 }).map((dense) => {
  const places = dense.flatMap((value, at) => (value === 0 ? [] : [at]));
  const sparse: readonly [Tensor, Tensor, Tensor] = [
    longs(
      places.flatMap((at) => [Math.floor(at / 4), at % 4]),
      [places.length, 2],
    ),
    floats(places.map((at) => dense[at] ?? 0)),
    longs([3, 4]),
  ];
  return { dense, sparse };
});

function denseOf([indices, values, shape]: readonly Tensor[]): number[] {
  const given = [indices, shape, values].flatMap((each) => each ?? []);
  return numbersOf(runKernel("SparseToDense", [...given, { ...floats([0]), shape: [] }], T)[0]);
}

describe("sparse tensors", () => {
  it("are added as dense ones are", () => {
    fc.assert(
      fc.property(matrix, matrix, (a, b) => {
        const sum = runKernel("SparseAdd", [...a.sparse, ...b.sparse, floats([0])], T);
        expect(denseOf(sum)).toEqual(a.dense.map((value, at) => value + (b.dense[at] ?? 0)));
      }),
    );
  });

  it("come together again as they were split", () => {
    fc.assert(
      fc.property(matrix, fc.nat(1), fc.integer({ min: 1, max: 3 }), ({ dense, sparse }, axis, count) => {
        const attributes = { ...T, num_split: BigInt(count) };
        const parts = runKernel("SparseSplit", [longs([axis], []), ...sparse], attributes);
        const whole = runKernel("SparseConcat", parts, { ...T, N: BigInt(count), concat_dim: BigInt(axis) });
        expect(denseOf(whole)).toEqual(dense);
      }),
    );
  });

  it("are summed along an axis as dense ones are", () => {
    fc.assert(
      fc.property(matrix, ({ dense, sparse }) => {
        const [sums] = runKernel("SparseReduceSum", [...sparse, longs([1])], T);
        const wanted = [0, 4, 8].map((start) => dense.slice(start, start + 4).reduce((a, b) => a + b, 0));
        expect(numbersOf(sums)).toEqual(wanted);
      }),
    );
  });

  it("have a value in each row once the empty ones are filled, and all the others where they were", () => {
    fc.assert(
      fc.property(matrix, ({ dense, sparse }) => {
        const filled = runKernel("SparseFillEmptyRows", [...sparse, { ...floats([9]), shape: [] }], T);
        const [indices, values, empty, moved] = filled;
        const isEmpty = [0, 4, 8].map((start) => (dense.slice(start, start + 4).every((value) => value === 0) ? 1 : 0));
        expect(numbersOf(empty)).toEqual(isEmpty);
        const wanted = dense.map((value, at) => (at % 4 === 0 && isEmpty[at / 4] === 1 ? 9 : value));
        expect(denseOf([indices, values, sparse[2]].flatMap((each) => each ?? []))).toEqual(wanted);
        expect(numbersOf(moved).map((at) => values?.data[at])).toEqual(numbersOf(sparse[1]));
      }),
    );
  });

  it("give a tensor or INVALID_ARGUMENT, whatever indices and shapes say", () => {
    const long = fc.oneof(fc.integer({ min: -1, max: 4 }), fc.constantFrom(2 ** 40, 2 ** 53));
    const list = fc.array(long, { maxLength: 4 });
    const ops: readonly (readonly [string, readonly Tensor[]])[] = [
      ["SparseSlice", [longs([0, 0]), longs([1, 1])]],
      ["SparseReduceMax", [longs([0])]],
      ["SparseReduceSumSparse", [longs([-1])]],
      ["SparseSoftmax", []],
      ["SparseDenseCwiseMul", [floats([1])]],
      ["SparseTensorDenseAdd", [floats([1, 2])]],
      ["SparseFillEmptyRows", [floats([0])]],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...ops), fc.nat(3), fc.tuple(list, list, list), ([op, rest], rank, given) => {
        const [indices, values, shape] = given;
        const columns = Math.max(rank, 1);
        const whole = indices.slice(0, indices.length - (indices.length % columns));
        const sparse = [longs(whole, [whole.length / columns, columns]), floats(values), longs(shape)];
        try {
          runKernel(op, [...sparse, ...rest], T);
        } catch (error) {
          expect(ServingError.is(error) && error.code).toMatch(/INVALID_ARGUMENT|RESOURCE_EXHAUSTED/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
