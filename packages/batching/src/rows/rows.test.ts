import { type DType, makeTensor, sizeOf, type Tensor, tensor, toNested } from "@servable/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatRows, sliceRows } from "./concat-rows.js";
import { padTail, widestTail } from "./pad-tail.js";

const DTYPES: readonly DType[] = ["float32", "int64", "uint8", "bool", "string", "complex64"];

/** A tensor whose every element tells where it came from. */
function numbered(dtype: DType, shape: readonly number[], from: number): Tensor {
  const count = sizeOf(shape);
  const numbers = Array.from({ length: dtype === "complex64" ? 2 * count : count }, (_, index) => (from + index) % 251);
  if (dtype === "int64") return makeTensor(dtype, shape, BigInt64Array.from(numbers, BigInt));
  if (dtype === "uint8" || dtype === "bool") return makeTensor(dtype, shape, Uint8Array.from(numbers));
  const bytes = numbers.map((number) => Uint8Array.of(number));
  return makeTensor(dtype, shape, dtype === "string" ? bytes : Float32Array.from(numbers));
}

const tails = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 });
const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });

describe("concatRows", () => {
  it("is undone by sliceRows, for every dtype, and shares no memory with what it was made of", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...DTYPES),
        tails,
        sizes,
        fc.integer({ min: 0, max: 3 }),
        (dtype, tail, rows, padding) => {
          const tensors = rows.map((count, index) => numbered(dtype, [count, ...tail], 17 * index));
          const all = concatRows(tensors, padding);
          const total = rows.reduce((sum, count) => sum + count, 0);
          expect(() => makeTensor(all.dtype, all.shape, all.data)).not.toThrow();
          expect(all.shape).toEqual([total + padding, ...tail]);
          let from = 0;
          for (const one of tensors) {
            const found = sliceRows(all, from, one.shape[0] ?? 0);
            expect(found).toEqual(one);
            if (ArrayBuffer.isView(found.data) && ArrayBuffer.isView(all.data))
              expect(found.data.buffer).not.toBe(all.data.buffer);
            from += one.shape[0] ?? 0;
          }
          const last = tensors.at(-1);
          for (let row = total; row < total + padding; row++)
            expect(sliceRows(all, row, 1).data).toEqual(last && sliceRows(last, 0, 1).data);
        },
      ),
    );
  });

  it("reads a tensor that is a view of a larger buffer", () => {
    const buffer = Float32Array.of(0, 1, 2, 3, 4);
    const view = makeTensor("float32", [2], buffer.subarray(1, 3));
    expect([...(concatRows([view, view]).data as Float32Array)]).toEqual([1, 2, 1, 2]);
  });

  it("refuses to pad with a row that is not there", () => {
    expect(() => concatRows([makeTensor("float32", [0, 2], new Float32Array(0))], 1)).toThrow("no row to pad");
    expect(() => concatRows([])).toThrow("no tensors");
    expect(() => concatRows([tensor([[1]]), tensor([[1, 2]])])).toThrow("different sizes");
  });
});

describe("padTail", () => {
  it.each([
    [
      [
        [1, 2],
        [3, 4],
      ],
      [3],
      [
        [1, 2, 1],
        [3, 4, 1],
      ],
    ],
    [
      [[[5]]],
      [2, 3],
      [
        [
          [5, 5, 5],
          [5, 5, 5],
        ],
      ],
    ],
    [[[7, 8]], [2], [[7, 8]]],
  ])("fills %j up to %j with the first element", (from, tail, to) => {
    expect(toNested(padTail(tensor(from), tail))).toEqual(to);
  });

  it("keeps every element at its place, for every dtype", () => {
    const tail = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.constantFrom(...DTYPES), tail, tail, (dtype, small, more) => {
        const one = numbered(dtype, [2, ...small], 1);
        const wide = small.map((size, axis) => size + (more[axis] ?? 1) - 1);
        const padded = padTail(one, wide);
        expect(() => makeTensor(padded.dtype, padded.shape, padded.data)).not.toThrow();
        expect(padded.shape).toEqual([2, ...wide]);
        const at = (source: Tensor, index: readonly number[]): unknown => {
          let nested: unknown = toNested(source);
          for (const each of index) nested = (nested as readonly unknown[])[each];
          return nested;
        };
        const visit = (index: readonly number[]): void => {
          if (index.length === wide.length + 1) {
            const inside = index.slice(1).every((each, axis) => each < (small[axis] ?? 0));
            expect(at(padded, index)).toEqual(at(one, inside ? index : index.map(() => 0)));
            return;
          }
          const size = index.length === 0 ? 2 : (wide[index.length - 1] ?? 0);
          for (let each = 0; each < size; each++) visit([...index, each]);
        };
        visit([]);
      }),
      { numRuns: 50 },
    );
  });

  it("refuses a tensor that has nothing to be filled with", () => {
    expect(() => padTail(makeTensor("float32", [1, 0], new Float32Array(0)), [2])).toThrow("cannot be padded");
    expect(() => padTail(tensor([[1, 2]]), [1])).toThrow("cannot be padded");
  });

  it("finds the sizes that hold all", () => {
    const one = (...shape: number[]): Tensor => makeTensor("float32", shape, new Float32Array(sizeOf(shape)));
    expect(widestTail([one(1, 2, 3), one(4, 3, 1)])).toEqual([3, 3]);
    expect(widestTail([])).toEqual([]);
  });
});
