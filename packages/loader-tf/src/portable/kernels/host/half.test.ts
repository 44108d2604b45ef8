import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { roundTo } from "./half.js";

function round(dtype: "float16" | "bfloat16", value: number): number | undefined {
  return roundTo(dtype, Float32Array.of(value))[0];
}

describe("rounding to half types", () => {
  it.each([
    ["float16", 1 + 2 ** -11, 1],
    ["float16", 1 + 3 * 2 ** -11, 1 + 2 ** -9],
    ["float16", 65_519.996, 65_504],
    ["float16", 65_520, Number.POSITIVE_INFINITY],
    ["float16", -1e9, Number.NEGATIVE_INFINITY],
    ["float16", 2 ** -25, 0],
    ["float16", 3 * 2 ** -25, 2 ** -23],
    ["float16", 2 ** -24, 2 ** -24],
    ["float16", -0, -0],
    ["float16", Number.NaN, Number.NaN],
    ["bfloat16", 1 + 2 ** -8, 1],
    ["bfloat16", 1 + 3 * 2 ** -8, 1 + 2 ** -6],
    ["bfloat16", 3.4e38, Number.POSITIVE_INFINITY],
    ["bfloat16", -0, -0],
    ["bfloat16", Number.NaN, Number.NaN],
    ["bfloat16", Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ] as const)("%s of %d is %d", (dtype, value, wanted) => {
    expect(round(dtype, value)).toBe(wanted);
  });

  it("changes nothing that is rounded already, and nothing by more than half a step", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("float16" as const, "bfloat16" as const),
        fc.float({ noNaN: true }),
        (dtype, value) => {
          const once = round(dtype, value) ?? 0;
          expect(round(dtype, once)).toBe(once);
          const [step, least] = dtype === "float16" ? [2 ** -11, 2 ** -25] : [2 ** -8, 2 ** -133];
          if (Number.isFinite(once))
            expect(Math.abs(once - value)).toBeLessThanOrEqual(Math.max(Math.abs(value) * step, least));
        },
      ),
    );
  });
});
