import { type DType, makeTensor, ServingError, type Tensor, tensor } from "@servable/core";
import { dataTypeCode } from "@servable/tf-proto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostOnlyDevice } from "../../../testing/host-only-device.js";
import { opCases } from "../../../testing/op-cases.js";
import type { Attribute, GraphNode } from "../../graph/graph.js";
import { Value } from "../../run/value.js";
import { KERNELS } from "../registry.js";

const utf8 = new TextEncoder();
const types = (...dtypes: DType[]): Attribute => dtypes.map((dtype) => ({ type: dataTypeCode(dtype) }));
const strings = (...values: (string | Uint8Array)[]): Tensor =>
  makeTensor(
    "string",
    [values.length],
    values.map((value) => (typeof value === "string" ? utf8.encode(value) : value)),
  );

function run(op: string, attributes: Readonly<Record<string, Attribute>>, inputs: readonly Tensor[]): Tensor[] {
  const node: GraphNode = { name: "n", op, inputs: [], controls: [], attributes: new Map(Object.entries(attributes)) };
  const kernel = KERNELS.get(op)?.(node);
  return (kernel?.(hostOnlyDevice, ...inputs.map((input) => Value.ofHost(input, hostOnlyDevice))) ?? []).map((value) =>
    value.host(),
  );
}

/** `age` is two int64 values, `name` a string, as TensorFlow writes them. */
const serialized = Uint8Array.from(
  [
    [10, 32, 10, 14, 10, 3],
    [...utf8.encode("age")],
    [18, 7, 26, 5, 10, 3, 1, 0x96, 1, 10, 14, 10, 4],
    [...utf8.encode("name")],
    [18, 6, 10, 4, 10, 2],
    [...utf8.encode("me")],
  ].flat(),
);

interface Wanted {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly fallback?: Tensor;
}

function parseDense(bytes: Uint8Array, { name, dtype, shape, fallback }: Wanted): Tensor | undefined {
  const attributes = {
    num_sparse: 0n,
    sparse_types: [],
    Tdense: types(dtype),
    dense_shapes: [{ shape }],
    ragged_value_types: [],
    ragged_split_types: [],
  };
  const none = makeTensor(
    dtype,
    [0],
    dtype === "string" ? [] : dtype === "int64" ? new BigInt64Array() : new Float32Array(),
  );
  const inputs = [strings(bytes), strings(), strings(), strings(name), strings(), fallback ?? none];
  return run("ParseExampleV2", attributes, inputs)[0];
}

describe("a parsed example", () => {
  it("has the values that were written", () => {
    const ages = parseDense(serialized, { name: "age", dtype: "int64", shape: [2] });
    expect(ages).toEqual({ dtype: "int64", shape: [1, 2], data: BigInt64Array.of(1n, 150n) });
    const name = parseDense(serialized, { name: "name", dtype: "string", shape: [] });
    expect(name).toEqual({ dtype: "string", shape: [1], data: [utf8.encode("me")] });
  });

  it.each<[string, Wanted, string]>([
    [
      "a feature that is missing",
      { name: "size", dtype: "int64", shape: [] },
      'feature "size" of example 0: it is missing',
    ],
    ["another type", { name: "age", dtype: "float32", shape: [2] }, 'feature "age" of example 0: values are int64'],
    ["another number of values", { name: "age", dtype: "int64", shape: [3] }, 'feature "age" of example 0: 2 values'],
    ["values that make no whole step", { name: "age", dtype: "int64", shape: [-1, 4] }, 'feature "age" of example 0'],
    [
      "a default of another size",
      { name: "age", dtype: "int64", shape: [2], fallback: tensor([1n, 2n, 3n]) },
      'feature "age": its default',
    ],
    [
      "a default of another type",
      { name: "age", dtype: "int64", shape: [2], fallback: tensor([1, 2], "float32") },
      'feature "age": its default is float32',
    ],
    [
      "several values to fill up with",
      { name: "age", dtype: "int64", shape: [-1], fallback: tensor([1n, 2n]) },
      'feature "age": its default is to be one value',
    ],
  ])("is refused for %s, by the name of the feature", (_title, wanted, message) => {
    const refused = expect(() => parseDense(serialized, wanted));
    refused.toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }));
  });

  it("names the example that is none", () => {
    const wanted: Wanted = { name: "age", dtype: "int64", shape: [] };
    expect(() => parseDense(Uint8Array.of(255, 255), wanted)).toThrow("example 0: the tf.Example is");
  });
});

describe("a record of CSV", () => {
  const csv = (record: string, attributes: Readonly<Record<string, Attribute>> = {}): Tensor[] =>
    run("DecodeCSV", { OUT_TYPE: types("int32", "string"), ...attributes }, [
      strings(record),
      makeTensor("int32", [0], new Int32Array()),
      strings("none"),
    ]);

  it.each([
    ["a quote in the middle", '1,a"b', "record 0: a field with a quote"],
    ["a line end", "1,a\n", "record 0: a field with a quote or a line end"],
    ["something behind a quote", '1,"a"b', "written twice"],
    ["no last quote", '1,"a', "to end with one"],
    ["a last quote that is doubled", '1,"a""', "to end with one"],
    ["too many fields", "1,a,b", "record 0 has 3 of 2 fields"],
    ["too few", "1", "record 0 has 1 of 2 fields"],
    ["nothing", "", "record 0 has 0 of 2 fields"],
    ["a field that is required", ",a", "field 0 of record 0 is missing"],
    ["no number", "x,a", 'field 0 of record 0 is no int32: "x"'],
    ["a number that is too large", "4294967296,a", "is no int32"],
  ])("with %s is refused", (_title, record, message) => {
    const refused = expect(() => csv(record));
    refused.toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }));
  });

  it("gives back what was written with quotes where they are needed", () => {
    const quoted = (text: string): string => (/["\n\r,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.string({ minLength: 1 }), (number, text) => {
        const [numbers, texts] = csv(`${number},${quoted(text)}`);
        expect(numbers?.data).toEqual(Int32Array.of(number));
        expect(texts?.data).toEqual([utf8.encode(text)]);
      }),
    );
  });
});

describe("raw bytes", () => {
  it.each([
    ["DecodeRaw", [strings("abc")], "3 bytes are no whole number"],
    ["DecodeRaw", [strings("ab", "abcd")], "cannot be one tensor"],
    ["DecodePaddedRaw", [strings("ab"), tensor(3, "int32")], "3 bytes are no whole number"],
    ["DecodePaddedRaw", [strings("ab"), tensor(0, "int32")], "0 bytes are no whole number"],
    ["DecodePaddedRaw", [strings("ab"), tensor(-2, "int32")], "-2 bytes"],
  ])("for %s are refused if they do not go into elements", (op, inputs, message) => {
    const refused = expect(() => run(op, { out_type: { type: dataTypeCode("int16") } }, inputs));
    refused.toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }));
  });
});

it("examples with other bytes are parsed or refused", () => {
  const cases = opCases().filter(({ op }) => op.startsWith("ParseSingle") || op.startsWith("ParseExample"));
  const rows = cases.flatMap(({ inputs }) =>
    (inputs[0]?.data ?? []).map((text) => Buffer.from(String(text), "base64")),
  );
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(
      fc.constantFrom(...rows.filter(({ length }) => length > 0)),
      changes,
      fc.boolean(),
      (row, list, isFixed) => {
        const bytes = new Uint8Array(row);
        for (const [at, byte] of list) bytes[at % bytes.length] = byte;
        try {
          parseDense(bytes, { name: "age", dtype: "int64", shape: isFixed ? [1] : [-1] });
        } catch (error) {
          if (!ServingError.is(error)) throw error;
          expect(error.code).toBe("INVALID_ARGUMENT");
        }
      },
    ),
    { numRuns: 1_000 },
  );
});
