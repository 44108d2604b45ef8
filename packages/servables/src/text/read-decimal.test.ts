import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDecimal } from "./read-decimal.js";
import { encode } from "./utf8.js";

const read = (text: string): number => readDecimal(encode(`x${text}y`), 1, encode(text).length + 1);

describe("readDecimal", () => {
  it("gives what Number gives for every way to write a float64", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.nat(16), (value, digits) => {
        for (const text of [String(value), value.toExponential(), value.toExponential(digits), value.toPrecision(17)]) {
          expect(read(text)).toBe(Number(text));
        }
      }),
    );
  });

  it("gives what Number gives for any digits, point and exponent", () => {
    const digits = fc.string({ unit: fc.integer({ min: 0, max: 9 }).map(String), maxLength: 25 });
    const exponent = fc.oneof(
      fc.constant(""),
      fc.integer({ min: -330, max: 330 }).map((power) => `e${power}`),
    );
    const sign = fc.constantFrom("", "+", "-");
    fc.assert(
      fc.property(sign, fc.tuple(digits, digits), exponent, (sign, [whole, part], exponent) => {
        fc.pre(whole + part !== "");
        const text = `${sign}${whole}.${part}${exponent}`;
        expect(read(text)).toBe(Number(text));
      }),
    );
  });

  it.each(["", "-", "+", ".", "-.", "e5", "1e", "1e+", "1e5.0", "1.2.3", "0x10", "1_000", "1 ", " 1", "1,5", "--1"])(
    "refuses %o",
    (text) => {
      expect(read(text)).toBeNaN();
    },
  );

  it.each(["Infinity", "-Infinity", "NaN", "inf", "nan", "1n", "١"])("refuses %o", (text) => {
    expect(read(text)).toBeNaN();
  });

  it("keeps the sign of zero, and reads a million digits", () => {
    expect(read("-0.0")).toBe(-0);
    expect(read(`1.${"0".repeat(1_000_000)}`)).toBe(1);
  });
});
