import fc from "fast-check";
import { expect, it } from "vitest";
import { block, type TableEntry, tableOf, varint, word } from "../testing/bundle-writer.js";
import { codeOf } from "../testing/files.js";
import { keyBytes, readTable } from "./table.js";

const one = Uint8Array.of(1);
const of = (...keys: string[]): Uint8Array => block(keys.map((key): TableEntry => [key, one]));
const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

it("gives what was written, over however many blocks", () => {
  const keys = fc.uniqueArray(fc.string({ unit: fc.nat(255).map((byte) => String.fromCharCode(byte)) }));
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 5 }), fc.uint8Array(), (list, size, value) => {
      const entries = list.toSorted((a, b) => (a < b ? -1 : 1)).map((key): TableEntry => [key, value]);
      const blocks = entries.flatMap((_, at) => (at % size === 0 ? [block(entries.slice(at, at + size))] : []));
      expect([...readTable(tableOf(blocks), "t")]).toEqual(entries.map(([key]) => [key, Uint8Array.from(value)]));
    }),
  );
});

it("puts keys together that share prefixes", () => {
  const entry = (shared: number, rest: string): Uint8Array =>
    join(varint(shared), varint(rest.length), varint(0), keyBytes(rest));
  const bytes = join(entry(0, "abc"), entry(2, "d"), entry(3, "é"), word(0), word(1));
  expect([...readTable(tableOf([bytes]), "t").keys()]).toEqual(["abc", "abd", "abdé"]);
});

it.each<[string, Uint8Array, string]>([
  ["a block that the index names twice", tableOf([of("a")], { handles: ([a = one]) => [a, a] }), "overlap"],
  ["blocks in the wrong order", tableOf([of("a"), of("b")], { handles: ([a = one, b = one]) => [b, a] }), "overlap"],
  ["one key twice in a block", tableOf([of("a", "a")]), "out of order"],
  ["one key in two blocks", tableOf([of("a", "b"), of("b", "c")]), "out of order"],
  ["keys that descend", tableOf([of("b", "a")]), "out of order"],
  ["a block beyond the end", tableOf([], { handles: () => [join(varint(2 ** 40), varint(1))] }), "cut short"],
  ["a block longer than the file", tableOf([], { handles: () => [join(varint(0), varint(2 ** 40))] }), "cut short"],
  [
    "a block at a number of eleven bytes",
    tableOf([], { handles: () => [new Uint8Array(11).fill(255)] }),
    "number in it is too long",
  ],
  ["a handle without a size", tableOf([], { handles: () => [varint(0)] }), "cut short"],
  ["a block of three bytes", tableOf([new Uint8Array(3)]), "a block of 3 bytes"],
  ["more restart points than bytes", tableOf([word(0xffffffff)]), "cut short"],
  [
    "a prefix longer than the key before",
    tableOf([join(varint(1), varint(0), varint(0), word(0), word(1))]),
    "cut short",
  ],
  ["a key longer than its block", tableOf([join(varint(0), varint(9), varint(0), word(0), word(1))]), "cut short"],
  ["a value longer than its block", tableOf([join(varint(0), varint(0), varint(9), word(0), word(1))]), "cut short"],
])("takes %s for DATA_LOSS", async (_title, bytes, sentence) => {
  expect(await codeOf(() => readTable(bytes, "x.index"))).toBe("DATA_LOSS");
  expect(() => readTable(bytes, "x.index")).toThrow(/^x\.index is corrupt/);
  expect(() => readTable(bytes, "x.index")).toThrow(sentence);
});

it("says that it does not decompress", async () => {
  expect(await codeOf(() => readTable(tableOf([of("a")], { compression: 1 }), "t"))).toBe("UNSUPPORTED");
});

it("stops where a short table spells out keys that would fill the memory", async () => {
  // Each entry takes three bytes and repeats a key of 8 kB, less its last byte.
  const long = "k".repeat(8_192);
  const repeats = Array.from({ length: 4_000 }, (_, at) => join(varint(8_192 - at), varint(0), varint(0)));
  const bytes = join(varint(0), varint(long.length), varint(0), keyBytes(long), ...repeats, word(0), word(1));
  expect(await codeOf(() => readTable(tableOf([bytes]), "t"))).toBe("DATA_LOSS");
  // And not for their order, which is looked at once all are in memory.
  expect(() => readTable(tableOf([bytes]), "t")).toThrow("cut short");
});

it("is DATA_LOSS wherever it is cut, and whichever bit of a block is flipped", async () => {
  const whole = tableOf([of("", "a"), of("b")]);
  for (let length = 0; length < whole.length; length++) {
    expect(await codeOf(() => readTable(whole.subarray(0, length), "t")), `${length} bytes`).toBe("DATA_LOSS");
  }
  for (let bit = 0; bit < 8 * (whole.length - 48); bit++) {
    const bytes = whole.slice();
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const found = await codeOf(() => expect(readTable(bytes, "t")).toEqual(readTable(whole, "t")));
    expect([undefined, "DATA_LOSS"], `bit ${bit}`).toContain(found);
  }
});
