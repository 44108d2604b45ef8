import { allocate, type DType, lanesOf, makeTensor, type Signature, type Tensor } from "@servable/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Specs } from "../testing/served.js";
import { fakePredictor } from "../testing/served.js";
import { decodeBody } from "./decode-body.js";
import { encodePrediction as encodeSteps } from "./encode-prediction.js";
import { parseJson } from "./parse-json.js";
import { predictBody } from "./predict-body.js";
import { atOnce } from "./steps.js";
import type { NonFinite } from "./write/write-elements.js";

function encodePrediction(
  outputs: Readonly<Record<string, Tensor>>,
  form: "rows" | "columns",
  nonFinite: NonFinite = "token",
): string {
  return new TextDecoder().decode(atOnce(encodeSteps(outputs, { form, nonFinite })));
}

function signatureOf(inputs: Specs): Signature {
  const signature = fakePredictor(inputs).signatures["serving_default"];
  if (signature === undefined) throw new Error("a fake has a signature");
  return signature;
}

function decode(text: string, inputs: Specs): Readonly<Record<string, Tensor>> {
  return decodeBody(predictBody(parseJson(text)), text, signatureOf(inputs));
}

/** An input with a name that every object inherits. */
const inherited = (name: string): Specs => Object.fromEntries([[name, ["bool", []] as const]]);
const one: Specs = { x: ["float32", undefined] };
const two: Specs = { x: ["float32", undefined], y: ["string", undefined] };

describe("decodeBody", () => {
  it.each<[string, Specs, Record<string, Tensor>]>([
    ['{"instances":[[1,2],[3,4]]}', one, { x: makeTensor("float32", [2, 2], new Float32Array([1, 2, 3, 4])) }],
    ['{"instances":[[],[]]}', one, { x: makeTensor("float32", [2, 0], new Float32Array(0)) }],
    ['{"inputs":[]}', one, { x: makeTensor("float32", [0], new Float32Array(0)) }],
    ['{"inputs":1}', one, { x: makeTensor("float32", [], new Float32Array([1])) }],
    ['{"inputs":1e300}', one, { x: makeTensor("float32", [], new Float32Array([Number.POSITIVE_INFINITY])) }],
    ['{"inputs":{}}', {}, {}],
    ['{"inputs":{"b64":"AQ=="}}', { x: ["string", []] }, { x: makeTensor("string", [], [new Uint8Array([1])]) }],
    ['{"instances":[{"b64":"AQ"}]}', { x: ["string", [-1]] }, { x: makeTensor("string", [1], [new Uint8Array([1])]) }],
    ['{"instances":[true,false]}', { x: ["bool", [-1]] }, { x: makeTensor("bool", [2], new Uint8Array([1, 0])) }],
    [
      '{"inputs":12345678901234567890}',
      { x: ["float64", []] },
      { x: makeTensor("float64", [], new Float64Array([Number("12345678901234567890")])) },
    ],
  ])("reads %s", (text, inputs, tensors) => {
    expect(decode(text, inputs)).toEqual(tensors);
  });

  it("gives inputs of different shapes their own, in either form", () => {
    const x = makeTensor("float32", [2], new Float32Array([1, 2]));
    const text = ["a", "b"].map((letter) => new TextEncoder().encode(letter));
    expect(decode('{"inputs":{"y":[["a","b"]],"x":[1,2]}}', two)).toEqual({ x, y: makeTensor("string", [1, 2], text) });
    expect(decode('{"instances":[{"x":1,"y":["a"]},{"y":["b"],"x":2}]}', two)).toEqual({
      x,
      y: makeTensor("string", [2, 1], text),
    });
  });

  it.each<[string, Specs, string]>([
    ['{"instances":[[1,2],[3]]}', one, "input x: instances[1] is a list of 1, but instances[0] is a list of 2"],
    ['{"instances":[[1],2]}', one, "input x: instances[1] is 2, but instances[0] is a list of 1"],
    ['{"instances":[1,[2]]}', one, "input x: instances[1] is a list of 1, but instances[0] is a value"],
    [
      '{"instances":[[[1],[2]],[[3],[4,5]]]}',
      one,
      "instances[1][1] is a list of 2, but instances[0][0] is a list of 1",
    ],
    ['{"instances":[[[1],[[2]]]]}', one, "instances[0][1][0] is a list of 1, but instances[0][0][0] is a value"],
    ['{"inputs":{"x":[1,null]}}', one, "input x: inputs.x[1] is null, which is no float32"],
    ['{"inputs":[1,{}]}', one, "input x: inputs[1] is an object, which is no float32"],
    ['{"inputs":[{"b64":"AA=="}]}', one, "inputs[0] is a b64 object, which is no float32"],
    ['{"instances":[{"x":1},2]}', one, "instances[1] is 2, but instances[0] is an object by input"],
    ['{"instances":[2,{"x":1}]}', one, "instances[1] is an object by input, but instances[0] is a value"],
    ['{"instances":[{"x":1},{}]}', one, "instances[1]: input x is missing; it takes x"],
    ['{"instances":[{"x":1,"z":1}]}', one, "instances[0]: there is no input z; it takes x"],
    [
      '{"instances":[{"x":[1]},{"x":[1,2]}]}',
      one,
      "input x: instances[1].x is a list of 2, but instances[0].x is a list",
    ],
    ['{"instances":[{"x":[1]},{"x":["a"]}]}', one, 'input x: instances[1].x[0] is the string "a", which is no float32'],
    ['{"instances":[1]}', two, "each instance must be an object with the keys of the signature's inputs: x, y"],
    ['{"instances":[{"b64":"AA=="}]}', two, "each instance must be an object"],
    ['{"instances":[1]}', {}, "the signature's inputs: none"],
    ['{"inputs":[1]}', two, '"inputs" must be an object with the signature\'s inputs (x, y), got a list of 1'],
    ['{"inputs":{"x":1}}', two, 'input y is missing in "inputs"'],
    ['{"inputs":{"toString":1}}', inherited("toString"), "inputs.toString is 1, which is no bool"],
    ['{"inputs":{}}', inherited("valueOf"), "input valueOf is missing"],
    ['{"inputs":1}', { x: ["complex64", []] }, "input x is complex64, which cannot be sent as JSON"],
  ])("refuses %s", (text, inputs, message) => {
    expect(() => decode(text, inputs)).toThrow(message);
  });

  it("makes no storage for a long first list among short ones", () => {
    const text = JSON.stringify({
      instances: [Array.from({ length: 30_000 }, () => 0), ...Array.from({ length: 30_000 }, () => [])],
    });
    expect(() => decode(text, one)).toThrow("instances[1] is a list of 0, but instances[0] is a list of 30000");
  });

  it("refuses lists that are nested deeper than any tensor", () => {
    const text = `{"inputs":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
    expect(() => decode(text, one)).toThrow("nested more than 254");
  });
});

describe("what is encoded", () => {
  const values: Partial<Record<DType, fc.Arbitrary<number | bigint | Uint8Array>>> = {
    float32: fc.float(),
    float64: fc.double(),
    int8: fc.integer({ min: -128, max: 127 }),
    int16: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
    int32: fc.integer(),
    int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    uint8: fc.nat(255),
    uint16: fc.nat(2 ** 16 - 1),
    uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    bool: fc.nat(1),
    string: fc.string({ unit: "grapheme" }).map((text) => new TextEncoder().encode(text)),
  };
  const shape = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 });
  const tensors = fc.constantFrom(...(Object.keys(values) as DType[])).chain((dtype) =>
    shape.chain((sizes) => {
      const length = sizes.reduce((product, size) => product * size, 1);
      const value = values[dtype] ?? fc.nat(1);
      return fc.array(value, { minLength: length, maxLength: length }).map((all) => {
        const data = allocate(dtype, length);
        for (const [index, each] of all.entries()) (data as (number | bigint | Uint8Array)[])[index] = each;
        return makeTensor(dtype, sizes, data);
      });
    }),
  );

  it("is decoded to the same tensor, in either form, for one input or two", () => {
    fc.assert(
      fc.property(tensors, fc.constantFrom("x", "x_bytes"), fc.boolean(), (made, name, twice) => {
        const outputs = { [name]: made, ...(twice && { other: made }) };
        const inputs = Object.fromEntries(Object.keys(outputs).map((each) => [each, [made.dtype, undefined] as const]));
        const columns = encodePrediction(outputs, "columns").replace(/^\{"outputs"/, '{"inputs"');
        expect(decode(columns, inputs)).toEqual(outputs);
        if (made.shape.length === 0) {
          expect(() => encodePrediction(outputs, "rows")).toThrow("is a single value");
        } else {
          const rows = encodePrediction(outputs, "rows").replace(/^\{"predictions"/, '{"instances"');
          expect(decode(rows, inputs)).toEqual(outputs);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it.each<[Record<string, Tensor>, "rows" | "columns", string]>([
    [
      { a: makeTensor("bool", [2], new Uint8Array(2)), b: makeTensor("bool", [1], new Uint8Array(1)) },
      "rows",
      "output b has 1 rows, but output a has 2",
    ],
    [{}, "rows", "no output to answer with"],
    [{}, "columns", "no output to answer with"],
    [{ c: makeTensor("complex64", [1], new Float32Array(lanesOf("complex64"))) }, "columns", "output c is complex64"],
  ])("cannot be %o in %s", (outputs, form, message) => {
    expect(() => encodePrediction(outputs, form)).toThrow(message);
  });

  it("is written in its lists, whatever is empty, and however long", () => {
    const text = (shape: number[]): string =>
      encodePrediction(
        { a: makeTensor("float32", shape, new Float32Array(shape.reduce((all, size) => all * size, 1))) },
        "columns",
      );
    for (const shape of [[], [0], [2, 0], [0, 2], [2, 0, 3], [1, 2, 2], [1, 5_000, 1], [2, 5_000]]) {
      const nested = (rest: number[]): unknown =>
        rest.length === 0 ? 0 : Array.from({ length: rest[0] ?? 0 }, () => nested(rest.slice(1)));
      expect(JSON.parse(text(shape))).toEqual({ outputs: nested(shape) });
    }
  });

  it("has tokens, nulls or an error for what is not finite", () => {
    const values = [1, Number.NaN, Number.NEGATIVE_INFINITY];
    for (const data of [new Float32Array(values), new Float64Array(values)]) {
      const outputs = { a: makeTensor(data instanceof Float32Array ? "float32" : "float64", [3], data) };
      expect(encodePrediction(outputs, "rows")).toBe('{"predictions":[1.0,NaN,-Infinity]}');
      expect(encodePrediction(outputs, "rows", "null")).toBe('{"predictions":[1.0,null,null]}');
      expect(() => encodePrediction(outputs, "rows", "error")).toThrow("output a has the value NaN");
    }
  });

  it("of no rows is an empty list, and bytes that are no UTF-8 still make JSON", () => {
    expect(encodePrediction({ a: makeTensor("bool", [0, 2], new Uint8Array(0)) }, "rows")).toBe('{"predictions":[]}');
    const text = encodePrediction({ a: makeTensor("string", [1], [new Uint8Array([255, 34, 10])]) }, "rows");
    expect(JSON.parse(text)).toEqual({ predictions: ['\u{fffd}"\n'] });
  });
});
