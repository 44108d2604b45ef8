import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHalfBits, toHalfBits } from "./half-bits.js";

const everyHalf = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);

describe.each([
  ["float16", 0x7c00],
  ["bfloat16", 0x7f80],
] as const)("bits of %s", (dtype, infinity) => {
  const toBits = (values: Float32Array): Uint16Array => toHalfBits(dtype, values);
  const fromBits = (bits: ArrayLike<number>): Float32Array => fromHalfBits(dtype, bits);

  it("are those that a number was read from", () => {
    const numbers = everyHalf.filter((bits) => (bits & 0x7fff) <= infinity);
    expect(toBits(fromBits(numbers))).toEqual(numbers);
  });

  it("keep NaN a NaN", () => {
    const nans = everyHalf.filter((bits) => (bits & 0x7fff) > infinity);
    expect(fromBits(toBits(fromBits(nans))).every(Number.isNaN)).toBe(true);
  });

  it("are those of a neighbour that is at least as near as any other, even when two are", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const [bits = 0] = toBits(Float32Array.of(number));
        const size = (each: number): number => Math.abs(fromBits([each])[0] ?? 0);
        // Infinity stands for what would be the next power of two.
        const beyond = 2 * size(infinity - 1) - size(infinity - 2);
        const sizeOf = (each: number): number => ((each & 0x7fff) === infinity ? beyond : size(each));
        const distance = (each: number): number => Math.abs(Math.abs(number) - sizeOf(each));
        for (const other of [bits - 1, bits + 1]) {
          if ((other & 0x7fff) > infinity || (other & 0x8000) !== (bits & 0x8000)) continue;
          expect(distance(bits)).toBeLessThanOrEqual(distance(other));
          if (distance(bits) === distance(other)) expect(bits % 2).toBe(0);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
