import { DataType, TensorProto } from "@servable/tf-proto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { attributeKey, attributesKey } from "./attribute-key.js";
import type { Attribute } from "./graph.js";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
/** A TensorProto of int32 with the values in int_val; small, so that each takes a byte on the wire. */
const tensor = (...values: number[]): Attribute => ({
  tensor: TensorProto.decode(Uint8Array.of(8, DataType.DT_INT32, 58, values.length, ...values)),
});

const leaves: fc.Arbitrary<Attribute> = fc.oneof(
  fc.bigInt({ min: -3n, max: 3n }),
  fc.constantFrom(0, -0, 1, Number.NaN, 0.1, Number.POSITIVE_INFINITY),
  fc.boolean(),
  fc.string({ maxLength: 2 }).map(text),
  fc.constantFrom(DataType.DT_FLOAT, DataType.DT_INT32).map((type) => ({ type })),
  fc
    .option(fc.array(fc.integer({ min: -1, max: 12 }), { maxLength: 3 }), { nil: undefined })
    .map((shape) => ({ shape })),
  fc.array(fc.constantFrom(0, 1, 2), { maxLength: 2 }).map((values) => tensor(...values)),
  fc.constantFrom("f", "g").map((name) => ({ function: name })),
  fc.constantFrom("f", "g").map((placeholder) => ({ placeholder })),
);
const attributes: fc.Arbitrary<Attribute> = fc.oneof(leaves, fc.array(leaves, { maxLength: 3 }));

/** Equality by structure, as a test sees it. */
function areEqual(one: Attribute, other: Attribute): boolean {
  try {
    expect(one).toStrictEqual(other);
    return true;
  } catch {
    return false;
  }
}

it("keys of attributes are the same where the attributes are, and only there", () => {
  fc.assert(
    fc.property(attributes, attributes, (one, other) => {
      expect(attributeKey(one) === attributeKey(other)).toBe(areEqual(one, other));
    }),
    { numRuns: 2_000 },
  );
});

it.each<[string, Attribute, Attribute]>([
  ["an int and a float", 1n, 1],
  ["0 and -0", 0, -0],
  ["a scalar's shape and an unknown one", { shape: [] }, { shape: undefined }],
  ["a size of two digits and two sizes", { shape: [12] }, { shape: [1, 2] }],
  ["a text and the name of a function", text("f"), { function: "f" }],
  ["tensors of other values", tensor(1), tensor(2)],
  ["a list and what is in it", [1n], 1n],
  ["lists that are nested otherwise", [[1n], 2n], [[1n, 2n]]],
])("keys tell %s apart", (_title, one, other) => {
  expect(attributeKey(one)).not.toBe(attributeKey(other));
});

it("the order of attributes does not matter, their names do", () => {
  const one = new Map<string, Attribute>([
    ["a", 1n],
    ["b", 2n],
  ]);
  expect(attributesKey(one)).toBe(attributesKey(new Map([...one].reverse())));
  expect(attributesKey(new Map([["a", 1n]]))).not.toBe(attributesKey(new Map([["b", 1n]])));
});
