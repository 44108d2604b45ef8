import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeExample, type ExampleFeature, encodeExample } from "./example.js";
import { SavedModelError } from "./saved-model-error.js";

const utf8 = new TextEncoder();

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, value);
  for (; left >= 128n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return [...bytes, Number(left)];
}

const bytesField = (number: number, value: readonly number[]): number[] => [
  number * 8 + 2,
  ...varint(BigInt(value.length)),
  ...value,
];
const floatBytes = (value: number): number[] => [...new Uint8Array(Float32Array.of(value).buffer)];

const LISTS: Record<ExampleFeature["kind"], number> = { bytes: 1, float: 2, int64: 3 };

function listOf(feature: ExampleFeature, isPacked: boolean): number[] {
  if (feature.kind === "bytes") return feature.values.flatMap((value) => bytesField(1, [...value]));
  if (feature.kind === "float") {
    const values = [...feature.values].map(floatBytes);
    return isPacked ? bytesField(1, values.flat()) : values.flatMap((value) => [8 + 5, ...value]);
  }
  const values = [...feature.values].map(varint);
  return isPacked ? bytesField(1, values.flat()) : values.flatMap((value) => [8, ...value]);
}

function written(features: readonly (readonly [string, ExampleFeature])[], isPacked = true): Uint8Array {
  const entries = features.flatMap(([name, feature]) => {
    const list = bytesField(LISTS[feature.kind], listOf(feature, isPacked));
    return bytesField(1, [...bytesField(1, [...utf8.encode(name)]), ...bytesField(2, list)]);
  });
  return Uint8Array.from(bytesField(1, entries));
}

const features: fc.Arbitrary<ExampleFeature> = fc.oneof(
  fc.record({ kind: fc.constant("bytes" as const), values: fc.array(fc.uint8Array({ maxLength: 9 })) }),
  fc.record({ kind: fc.constant("float" as const), values: fc.float32Array({ noNaN: true }) }),
  fc.record({ kind: fc.constant("int64" as const), values: fc.bigInt64Array() }),
);

describe("decodeExample", () => {
  it("gives back what was written, packed or not", () => {
    const examples = fc.uniqueArray(fc.tuple(fc.string(), features), { selector: ([name]) => name, maxLength: 6 });
    fc.assert(
      fc.property(examples, fc.boolean(), (list, isPacked) => {
        expect(decodeExample(written(list, isPacked))).toEqual(new Map(list));
      }),
    );
  });

  it("takes a feature that occurs twice as the last one says", () => {
    const first = { kind: "int64", values: BigInt64Array.of(1n) } as const;
    const second = { kind: "float", values: Float32Array.of(2) } as const;
    const whole = written([
      ["x", first],
      ["x", second],
    ]);
    expect(decodeExample(whole)).toEqual(new Map([["x", second]]));
    // As protocol buffers merge messages: one after the other is one message.
    const merged = Uint8Array.from([...written([["x", first]]), ...written([["x", second]])]);
    expect(decodeExample(merged)).toEqual(new Map([["x", second]]));
  });

  it("leaves out features without values of any kind, and passes fields that it does not know", () => {
    const empty = bytesField(1, bytesField(1, [...bytesField(1, [120]), ...bytesField(2, [])]));
    expect(decodeExample(Uint8Array.from(empty))).toEqual(new Map());
    const unknown = [9 * 8, 1, 10 * 8 + 1, 1, 2, 3, 4, 5, 6, 7, 8, 11 * 8 + 5, 1, 2, 3, 4];
    expect(decodeExample(Uint8Array.from([...unknown, ...empty]))).toEqual(new Map());
    expect(decodeExample(new Uint8Array())).toEqual(new Map());
  });

  it.each([
    ["cut short", [10, 5, 1]],
    ["a group", [11, 12]],
    ["field 0", [2, 0]],
    ["a number of eleven bytes", [8, ...Array.from({ length: 10 }, () => 255), 1]],
    ["floats that are no multiple of four", [10, 11, 10, 9, 10, 1, 120, 18, 4, 18, 2, 10, 0].slice(0, 13)],
  ])("refuses %s or reads nothing", (_title, bytes) => {
    try {
      expect(decodeExample(Uint8Array.from(bytes)).size).toBeLessThan(2);
    } catch (error) {
      expect(error).toBeInstanceOf(SavedModelError);
    }
  });

  it("refuses lists whose last value is cut short", () => {
    const list = (kind: number, value: readonly number[]): Uint8Array => {
      const feature = bytesField(kind, bytesField(1, value));
      return Uint8Array.from(bytesField(1, bytesField(1, [...bytesField(1, [120]), ...bytesField(2, feature)])));
    };
    expect(() => decodeExample(list(2, [0, 0, 0]))).toThrow("floats are cut short");
    expect(() => decodeExample(list(3, [255]))).toThrow("cut short");
    expect(() => decodeExample(list(3, [...Array.from({ length: 10 }, () => 255), 1]))).toThrow("too long");
  });

  it("gives features or DATA_LOSS for any bytes", () => {
    const valid = written([
      ["words", { kind: "bytes", values: [utf8.encode("a"), utf8.encode("bc")] }],
      ["n", { kind: "int64", values: BigInt64Array.of(1n, -1n) }],
      ["f", { kind: "float", values: Float32Array.of(1, 2) }],
    ]);
    const damaged = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 4 }).map((changes) => {
      const bytes = valid.slice();
      for (const [at, byte] of changes) bytes[at] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
        try {
          decodeExample(bytes);
        } catch (error) {
          expect(error).toMatchObject({ name: "SavedModelError", code: "DATA_LOSS" });
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("encodeExample", () => {
  it("writes what decodeExample reads", () => {
    const examples = fc.uniqueArray(fc.tuple(fc.string(), features), { selector: ([name]) => name, maxLength: 6 });
    fc.assert(
      fc.property(examples, (list) => {
        expect(decodeExample(encodeExample(new Map(list)))).toEqual(new Map(list));
      }),
    );
  });

  it("writes the bytes that TensorFlow writes", () => {
    const words = { kind: "bytes", values: ["good", "model"].map((word) => utf8.encode(word)) } as const;
    const weight = { kind: "float", values: Float32Array.of(1) } as const;
    const bytes = encodeExample(
      new Map<string, ExampleFeature>([
        ["weight", weight],
        ["words", words],
      ]),
    );
    const golden = new URL("../../../fixtures/tf1_text/calls/1.json", import.meta.url);
    expect(readFileSync(golden, "utf8")).toContain(`"${Buffer.from(bytes).toString("base64")}"`);
  });

  it("keeps a feature without values of any kind as one that has no kind", () => {
    expect(encodeExample(new Map([["a", undefined]]))).toEqual(Uint8Array.of(10, 7, 10, 5, 10, 1, 97, 18, 0));
  });
});
