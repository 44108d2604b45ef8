import type { DType, Tensor } from "@servable/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Written } from "../../../testing/graphs.js";
import { node } from "../../../testing/graphs.js";
import { hostOnlyDevice } from "../../../testing/host-only-device.js";
import { Value } from "../../run/value.js";
import { bytesOf, stringsOf, textOf } from "../host/bytes.js";
import { NUMBERS } from "./numbers.js";

function run(op: string, x: Tensor, attributes: Readonly<Record<string, Written>>): Tensor | undefined {
  const kernel = NUMBERS[op]?.(node(op, "n", attributes));
  return kernel?.(hostOnlyDevice, Value.ofHost(x, hostOnlyDevice))[0]?.host();
}

const strings = (texts: readonly string[]): Tensor => ({
  dtype: "string",
  shape: [texts.length],
  data: texts.map(bytesOf),
});
const parse = (text: string, dtype: DType): unknown =>
  run("StringToNumber", strings([text]), { out_type: { dtype } })?.data[0];

describe("StringToNumber", () => {
  it.each([
    ["", "float32"],
    [" ", "int32"],
    [".", "float64"],
    ["1e", "float32"],
    ["1e+", "float32"],
    ["1 2", "int64"],
    ["1f", "float32"],
    ["+-1", "float32"],
    ["infi", "float32"],
    ["0x", "float32"],
    ["0x1p", "float64"],
    ["1\0", "int32"],
    ["\u00a01", "float32"],
    ["0x10", "int32"],
    ["1.", "int32"],
    ["2147483648", "int32"],
    ["-1", "uint32"],
    ["-0", "uint64"],
    ["9223372036854775808", "int64"],
    ["1".repeat(1000), "int64"],
  ] as const)("refuses %j as %s", (text, dtype) => {
    expect(() => parse(text, dtype)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  it("reads back what JavaScript writes, to the last bit", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        expect(parse(` ${Object.is(value, -0) ? "-0" : value}\n`, "float64")).toBe(value);
      }),
    );
    fc.assert(fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (value) => parse(String(value), "int64") === value));
  });

  it("gives a number or INVALID_ARGUMENT for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        try {
          run("StringToNumber", { dtype: "string", shape: [1], data: [bytes] }, {});
        } catch (error) {
          expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
        }
      }),
    );
  });
});

describe("AsString", () => {
  const written = (x: Tensor, attributes: Readonly<Record<string, Written>> = {}): string[] =>
    stringsOf(run("AsString", x, { T: { dtype: x.dtype }, ...attributes }) ?? x).map(textOf);

  it("writes enough digits to read every float64 back", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        const x: Tensor = { dtype: "float64", shape: [1], data: Float64Array.of(value) };
        const [text = ""] = written(x, { scientific: true, precision: 16 });
        expect(Number(text.replace("inf", "Infinity"))).toBe(value);
      }),
    );
  });

  it.each([
    [0.5, 0, "0"],
    [1.5, 0, "2"],
    [2.5, 0, "2"],
    [0.125, 2, "0.12"],
    [0.375, 2, "0.38"],
    [9.995, 2, "9.99"],
    [99.5, 0, "100"],
    [1e23, 0, "99999999999999991611392"],
  ])("rounds %d to %d digits, halves to even", (value, precision, text) => {
    expect(written({ dtype: "float64", shape: [1], data: Float64Array.of(value) }, { precision })).toEqual([text]);
  });

  it("writes both parts of complex numbers", () => {
    const x: Tensor = { dtype: "complex64", shape: [1], data: Float32Array.of(1, -2) };
    expect(written(x, { width: 6, precision: 1, fill: "0" })).toEqual(["(0001.0,-002.0)"]);
  });

  it.each([
    ["fill", "x"],
    ["width", 1_000_000],
    ["precision", 1_000_000],
  ])("refuses %s %s at load", (name, value) => {
    const x: Tensor = { dtype: "float32", shape: [0], data: new Float32Array(0) };
    expect(() => written(x, { [name]: value })).toThrow(expect.objectContaining({ code: "UNSUPPORTED" }));
  });
});
