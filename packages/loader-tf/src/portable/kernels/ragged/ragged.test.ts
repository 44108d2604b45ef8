import type { Tensor } from "@servable/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { floats, longs, numbersOf, runKernel, type } from "../../../testing/run-kernel.js";
import type { Attribute } from "../../graph/graph.js";
import { splitsOfLengths, splitsTensor } from "../host/splits.js";

const kinds = (...names: readonly string[]): Attribute => names.map((name) => new TextEncoder().encode(name));

const WHOLE = longs([-1], []);
const DEFAULT: Tensor = { dtype: "float32", shape: [], data: Float32Array.of(-1) };

function toDense(
  names: readonly string[],
  partitions: readonly Tensor[],
  values: Tensor,
  shape = WHOLE,
): Tensor | undefined {
  const attributes = { T: type("float32"), row_partition_types: kinds(...names) };
  return runKernel("RaggedTensorToTensor", [shape, values, DEFAULT, ...partitions], attributes)[0];
}

const rowsOf = fc.array(fc.array(fc.nat(99), { maxLength: 5 }), { maxLength: 6 });
const splitsOf = (rows: readonly (readonly unknown[])[]): Tensor =>
  splitsTensor(splitsOfLengths(rows.map(({ length }) => length)), "int64");

describe("ragged tensors", () => {
  it("become dense by cutting and filling rows, whichever way they are partitioned", () => {
    fc.assert(
      fc.property(rowsOf, fc.integer({ min: -1, max: 7 }), fc.integer({ min: -1, max: 7 }), (rows, height, width) => {
        const shape = [
          height < 0 ? rows.length : height,
          width < 0 ? rows.reduce((most, { length }) => Math.max(most, length), 0) : width,
        ];
        const wanted = Array.from({ length: shape[0] ?? 0 }, (_, row) =>
          Array.from({ length: shape[1] ?? 0 }, (__, column) => rows[row]?.[column] ?? -1),
        ).flat();
        const values = floats(rows.flat());
        const ids = longs(rows.flatMap((row, at) => row.map(() => at)));
        for (const found of [
          toDense(["ROW_SPLITS"], [splitsOf(rows)], values, longs([height, width])),
          toDense(["FIRST_DIM_SIZE", "VALUE_ROWIDS"], [longs([rows.length], []), ids], values, longs([height, width])),
        ]) {
          expect(found?.shape).toEqual(shape);
          expect(numbersOf(found)).toEqual(wanted);
        }
      }),
    );
  });

  it("become sparse and keep each value at its place", () => {
    fc.assert(
      fc.property(rowsOf, (rows) => {
        const [indices, values] = runKernel("RaggedTensorToSparse", [splitsOf(rows), floats(rows.flat())], {
          T: type("float32"),
        });
        expect(numbersOf(indices)).toEqual(rows.flatMap((row, at) => row.flatMap((_, column) => [at, column])));
        expect(numbersOf(values)).toEqual(rows.flat());
      }),
    );
  });

  it("give the rows that are picked", () => {
    fc.assert(
      fc.property(rowsOf, fc.array(fc.nat(5), { maxLength: 8 }), (rows, wanted) => {
        const picks = wanted.filter((index) => index < rows.length);
        const attributes = { Tvalues: type("float32"), Tsplits: type("int64") };
        const [splits, values] = runKernel(
          "RaggedGather",
          [splitsOf(rows), floats(rows.flat()), longs(picks)],
          attributes,
        );
        const picked = picks.map((index) => rows[index] ?? []);
        expect(numbersOf(splits)).toEqual(numbersOf(splitsOf(picked)));
        expect(numbersOf(values)).toEqual(picked.flat());
      }),
    );
  });
});

const refused = expect.objectContaining({ code: expect.stringMatching(/^(INVALID_ARGUMENT|RESOURCE_EXHAUSTED)$/) });

describe("what is no ragged tensor is refused", () => {
  it.each([
    ["goes back", [0, 3, 2, 4]],
    ["begins elsewhere", [1, 4]],
    ["ends before the values", [0, 3]],
    ["ends behind the values", [0, 5]],
    ["ends far behind the values", [0, 2 ** 52]],
    ["has no rows", []],
    ["is negative", [0, -1, 4]],
  ])("where its splits say what %s", (_, splits) => {
    const values = floats([1, 2, 3, 4]);
    const types = { T: type("float32"), Tvalues: type("float32"), Tsplits: type("int64") };
    expect(() => toDense(["ROW_SPLITS"], [longs(splits)], values)).toThrow(refused);
    expect(() => runKernel("RaggedTensorToSparse", [longs(splits), values], types)).toThrow(refused);
    expect(() => runKernel("RaggedGather", [longs(splits), values, longs([0])], types)).toThrow(refused);
  });

  it.each<[string, readonly string[], readonly Tensor[], Tensor]>([
    ["rows go down", ["FIRST_DIM_SIZE", "VALUE_ROWIDS"], [longs([3], []), longs([0, 2, 1, 2])], WHOLE],
    ["a row lies outside", ["FIRST_DIM_SIZE", "VALUE_ROWIDS"], [longs([2], []), longs([0, 0, 1, 2])], WHOLE],
    ["a row is negative", ["FIRST_DIM_SIZE", "VALUE_ROWIDS"], [longs([2], []), longs([-1, 0, 1, 1])], WHOLE],
    ["there are too many rows", ["FIRST_DIM_SIZE", "VALUE_ROWIDS"], [longs([2 ** 50], []), longs([0, 0, 1, 2])], WHOLE],
    [
      "an outer dimension is too long",
      ["ROW_SPLITS", "VALUE_ROWIDS"],
      [longs([0, 2 ** 50]), longs([0, 0, 1, 2])],
      WHOLE,
    ],
    ["levels do not fit", ["ROW_SPLITS", "ROW_SPLITS"], [longs([0, 2]), longs([0, 4])], WHOLE],
    ["a partition is missing", ["ROW_SPLITS", "ROW_SPLITS"], [longs([0, 2])], WHOLE],
    ["the shape is too large", ["ROW_SPLITS"], [longs([0, 4])], longs([2 ** 30, 2 ** 30])],
    ["the shape has another rank", ["ROW_SPLITS"], [longs([0, 4])], longs([1, 4, 1])],
    ["the shape is negative", ["ROW_SPLITS"], [longs([0, 4])], longs([-2, 4])],
  ])("where %s", (_, names, partitions, shape) => {
    expect(() => toDense(names, partitions, floats([1, 2, 3, 4]), shape)).toThrow(refused);
  });

  it.each([["ROW_LENGTHS"], ["VALUE_ROWIDS"], ["ROW_SPLITS,FIRST_DIM_SIZE"]])(
    "when it is partitioned by %s",
    (names) => {
      expect(() => toDense(names.split(","), [], floats([]))).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^(UNSUPPORTED|DATA_LOSS)$/) }),
      );
    },
  );

  it("gives a tensor or refuses, whatever the partitions say", () => {
    const long = fc.oneof(fc.integer({ min: -2, max: 6 }), fc.constantFrom(2 ** 40, -(2 ** 40), 2 ** 53));
    const partition = fc.record({
      kind: fc.constantFrom("ROW_SPLITS", "VALUE_ROWIDS"),
      numbers: fc.oneof(
        fc.array(long, { maxLength: 5 }),
        fc.array(fc.nat(4), { maxLength: 5 }).map((all) => all.toSorted((a, b) => a - b)),
      ),
    });
    fc.assert(
      fc.property(long, fc.array(partition, { minLength: 1, maxLength: 3 }), fc.nat(4), (first, partitions, count) => {
        const names = ["FIRST_DIM_SIZE", ...partitions.map(({ kind }) => kind)];
        const tensors = [longs([first], []), ...partitions.map(({ numbers }) => longs(numbers))];
        try {
          toDense(names, tensors, floats(Array.from({ length: count }, () => 1)));
        } catch (error) {
          expect(error).toEqual(refused);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("RaggedRange", () => {
  const range = (starts: Tensor, limits: Tensor, deltas: Tensor): Tensor[] =>
    runKernel("RaggedRange", [starts, limits, deltas], { T: type(starts.dtype), Tsplits: type("int64") });

  it("counts from each start to before each limit", () => {
    const row = fc.tuple(
      fc.integer({ min: -20, max: 20 }),
      fc.integer({ min: -20, max: 20 }),
      fc.constantFrom(-3, -1, 1, 2, 7),
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), (rows) => {
        const wanted = rows.map(([start, limit, delta]) => {
          const numbers: number[] = [];
          for (let value = start; delta > 0 ? value < limit : value > limit; value += delta) numbers.push(value);
          return numbers;
        });
        const column = (at: 0 | 1 | 2): Tensor => longs(rows.map((each) => each[at]));
        const [splits, values] = range(column(0), column(1), column(2));
        expect(numbersOf(splits)).toEqual(numbersOf(splitsOf(wanted)));
        expect(numbersOf(values)).toEqual(wanted.flat());
      }),
    );
  });

  it.each([
    ["steps of zero", longs([0]), longs([3]), longs([0])],
    ["ranges that are too long", longs([0]), longs([2 ** 53]), longs([1])],
    ["several too long together", longs([0, 0, 0]), longs([2 ** 31, 2 ** 31, 2 ** 31]), longs([1], [])],
    ["ranges without an end", floats([0]), floats([Number.POSITIVE_INFINITY]), floats([1])],
    ["what is no number", floats([0]), floats([1]), floats([Number.NaN])],
    ["vectors of several lengths", longs([0, 1]), longs([3]), longs([1])],
    ["matrices", longs([0], [1, 1]), longs([3], [1, 1]), longs([1])],
  ])("refuses %s", (_, starts, limits, deltas) => {
    expect(() => range(starts, limits, deltas)).toThrow(refused);
  });
});
