import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeDouble } from "./write-double.js";
import { writeFloat } from "./write-float.js";

describe("writeFloat", () => {
  it.each([
    [2.5, "2.5"],
    [3, "3.0"],
    [0, "0.0"],
    [-0, "-0.0"],
    [Math.fround(0.1), "0.1"],
    [Math.fround(0.00003), "0.00003"],
    [Math.fround(1e-7), "1e-7"],
    [Math.fround(16777216), "16777216.0"],
    [Math.fround(1e30), "1e+30"],
    [Math.fround(123456789), "123456790.0"],
    [Math.fround(1 / 3), "0.33333334"],
    [2 ** -149, "1e-45"],
    [Math.fround(3e10), "30000000000.0"],
    [Math.fround(0.99999994), "0.99999994"],
    [Math.fround(9.999999e-7), "9.999999e-7"],
    [Math.fround(3.4028235e38), "3.4028235e+38"],
    [2 ** -126, "1.1754944e-38"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
  ])("writes %d as %s", (value, text) => {
    expect(writeFloat(value)).toBe(text);
  });

  it("writes the fewest digits that read back as the same float32", { timeout: 3_600_000 }, () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = writeFloat(value);
        expect(Math.fround(Number(text))).toBe(value);
        expect(text).toMatch(/[.e]/);
        const shortest = [1, 2, 3, 4, 5, 6, 7, 8, 9].find(
          (digits) => Math.fround(Number(value.toPrecision(digits))) === value,
        );
        const digits = text
          .replace(/e.*|\.0$/, "")
          .replace(/[-.]/g, "")
          .replace(/^0+/, "")
          .replace(/0+$/, "");
        expect(digits.length).toBeLessThanOrEqual(shortest ?? 0);
      }),
      { numRuns: process.env["SERVABLE_NIGHTLY"] === "1" ? 5_000_000 : 20_000 },
    );
  });
});

it("writes doubles so that they read back as the same, and as floats", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = writeDouble(value);
      expect(JSON.parse(text)).toBe(value);
      expect(text).toMatch(/[.e]/);
    }),
  );
  expect([Number.NaN, Number.NEGATIVE_INFINITY].map(writeDouble)).toEqual(["NaN", "-Infinity"]);
});
