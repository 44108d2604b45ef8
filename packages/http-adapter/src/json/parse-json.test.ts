import { ServingError } from "@servable/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasLongNumbers, parseJson, parseJsonExactly } from "./parse-json.js";

const both = [
  ["parseJson", parseJson],
  ["parseJsonExactly", parseJsonExactly],
] as const;

describe.each(both)("%s", (_name, parse) => {
  it("reads any JSON as JSON.parse does", () => {
    const space = fc.constantFrom(undefined, 1, "\t");
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), space, (value, blanks) => {
        const text = JSON.stringify(value, undefined, blanks);
        fc.pre(!/\d{16}/.test(text));
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("refuses exactly what JSON.parse refuses, but for the tokens", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      '"a"',
      ":",
      ",",
      "1",
      "-",
      ".5",
      "e3",
      "01",
      "true",
      "nul",
      " ",
      '"',
      "\\u12",
      "\n",
    );
    fc.assert(
      fc.property(
        fc.array(pieces).map((all) => all.join("")),
        (text) => {
          const outcome = (read: (text: string) => unknown): unknown => {
            try {
              return read(text);
            } catch (error) {
              return ServingError.is(error) || error instanceof SyntaxError ? "refused" : error;
            }
          };
          expect(outcome(parse)).toEqual(outcome(JSON.parse));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("takes tokens for what is not finite, outside of strings only", () => {
    const text = '[NaN, Inf, -Inf, Infinity, -Infinity, {"NaN": "NaN, \\"Inf"}]';
    const { POSITIVE_INFINITY: up, NEGATIVE_INFINITY: down } = Number;
    expect(parse(text)).toEqual([Number.NaN, up, down, up, down, { NaN: 'NaN, "Inf' }]);
  });

  it.each([
    ["nan", 'position 0 expected a value, found "nan"'],
    ["[1,]", 'position 3 expected a value, found "]"'],
    ["[1 2]", 'position 3 expected "," or "]"'],
    ['{"a" 1}', 'position 5 expected ":"'],
    ["{a: 1}", "position 1 expected a name in quotes"],
    ["[Infinity", "position 9 expected"],
    ["1 1", "position 2 expected nothing more"],
    ['"\n"', "no control characters"],
    ['"\\x"', "escapes of JSON"],
    ['"open\\"', "a string that is closed"],
    ["", "the body is empty"],
    [" \n", "the body is empty"],
    ["--1", "expected a value"],
    ["+1", "expected a value"],
    ["-", "expected a value"],
    [`${"[".repeat(100_000)}NaN`, "nested more than 512"],
  ])("places the fault of %j", (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  it("takes __proto__ for a name like any other", () => {
    const value = parse('{"__proto__": {"x": NaN}}');
    expect(Object.keys(value as object)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it("reads strings of many megabytes, and refuses them as fast when they do not end", () => {
    const long = `"${"a\\\\".repeat(2_000_000)}`;
    expect(parse(`[NaN,${long}"]`)).toHaveLength(2);
    expect(() => parse(`[NaN,${long}`)).toThrow("a string that is closed");
  });
});

describe("long integers", () => {
  it("stay exact, to the digit", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (value) => {
        const parsed = parseJsonExactly(`[${value}]`);
        expect(BigInt((parsed as [number | bigint])[0])).toBe(value);
        expect(Number.isSafeInteger(Number(value)) || hasLongNumbers(String(value))).toBe(true);
      }),
    );
  });

  it("of more digits than any dtype has stay numbers, whatever their length", () => {
    expect(parseJsonExactly("9".repeat(1_000_000))).toBe(Number.POSITIVE_INFINITY);
    expect(parseJsonExactly("1e2")).toBe(100);
  });
});
