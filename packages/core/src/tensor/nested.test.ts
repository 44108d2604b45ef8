import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DType } from "./dtype.js";
import { type Nested, tensor, toNested } from "./nested.js";
import { makeTensor } from "./tensor.js";

describe("tensor", () => {
  it.each<[Nested, DType, readonly number[]]>([
    [1.5, "float32", []],
    [[1, 2], "float32", [2]],
    [[[1n], [2n]], "int64", [2, 1]],
    [[true, false], "bool", [2]],
    [["a", "b"], "string", [2]],
    [new Float64Array([1, 2]), "float64", [2]],
    [[new Int32Array(3), new Int32Array(3)], "int32", [2, 3]],
    [new Uint8Array([1, 2]), "string", []],
    [[], "float32", [0]],
    [[[], []], "float32", [2, 0]],
  ])("reads dtype and shape from %o", (nested, dtype, shape) => {
    expect(tensor(nested)).toMatchObject({ dtype, shape });
  });

  it("takes pairs for complex numbers", () => {
    const made = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      "complex64",
    );
    expect(made).toEqual({ dtype: "complex64", shape: [2], data: new Float32Array([1, 2, 3, 4]) });
    expect(toNested(made)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it.each<[Nested, DType, string]>([
    [[[1, 2], [3]], "float32", "ragged"],
    [[[1], 2], "float32", "ragged"],
    [[1, [2]], "float32", "ragged"],
    [[300], "uint8", "number 300 does not fit dtype uint8"],
    [[1.5], "int32", "does not fit dtype int32"],
    [[2n ** 63n], "int64", "does not fit dtype int64"],
    [[-1], "uint64", "does not fit"],
    [["1"], "float32", "string 1 does not fit dtype float32"],
    [[1], "string", "does not fit dtype string"],
    [[1], "bool", "does not fit dtype bool"],
    [[1, 2, 3], "complex64", "pairs"],
  ])("refuses %o as %s", (nested, dtype, message) => {
    expect(() => tensor(nested, dtype)).toThrow(message);
  });
});

describe("toNested", () => {
  const shapes = fc.array(fc.nat(3), { maxLength: 4 });
  const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

  it("is undone by tensor(), for every kind of value", () => {
    const kinds: [DType, (length: number) => Parameters<typeof makeTensor>[2]][] = [
      ["float32", (length) => Float32Array.from({ length }, (_, i) => i / 3)],
      ["float16", (length) => Float32Array.from({ length }, (_, i) => i / 2)],
      ["float64", (length) => Float64Array.from({ length }, (_, i) => -i / 7)],
      ["int8", (length) => Int8Array.from({ length }, (_, i) => -i)],
      ["uint32", (length) => Uint32Array.from({ length }, (_, i) => 2 ** 32 - 1 - i)],
      ["int64", (length) => BigInt64Array.from({ length }, (_, i) => 2n ** 62n + BigInt(i))],
      ["uint64", (length) => BigUint64Array.from({ length }, (_, i) => 2n ** 64n - 1n - BigInt(i))],
      ["bool", (length) => Uint8Array.from({ length }, (_, i) => i % 2)],
      ["string", (length) => Array.from({ length }, (_, i) => new TextEncoder().encode(`é${i}`))],
    ];
    fc.assert(
      fc.property(shapes, fc.constantFrom(...kinds), (shape, [dtype, data]) => {
        const original = makeTensor(dtype, shape, data(size(shape)));
        // An empty level hides the levels below it, as it does in TensorFlow Serving's JSON.
        const seen = shape.includes(0) ? shape.slice(0, shape.indexOf(0) + 1) : shape;
        expect(tensor(toNested(original), dtype)).toEqual({ ...original, shape: seen });
      }),
    );
  });
});

describe("makeTensor", () => {
  it.each([
    [[2], new Float32Array(3), "wants 2 values, got 3"],
    [[-1], new Float32Array(1), "is not a shape"],
    [[1.5], new Float32Array(1), "is not a shape"],
    [[1], new Float64Array(1), "does not hold the elements of float32"],
  ])("refuses shape %o", (shape, data, message) => {
    expect(() => makeTensor("float32", shape, data)).toThrow(message);
  });
});
