import fc from "fast-check";
import { expect, it } from "vitest";
import { varint, word } from "../testing/bundle-writer.js";
import { codeOf } from "../testing/files.js";
import { crc32c, maskCrc } from "./crc32c.js";
import { decodeStrings } from "./string-tensor.js";

const join = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

/** The bytes of a string tensor and its checksum; `stored` replaces the checksum of the lengths. */
function written(elements: readonly Uint8Array[], stored?: number): { bytes: Uint8Array; crc: number } {
  const words = join(elements.map(({ length }) => word(length)));
  const check = word(stored ?? maskCrc(crc32c(words)));
  const text = join(elements);
  const bytes = join([...elements.map(({ length }) => varint(length)), check, text]);
  return { bytes, crc: maskCrc(crc32c(join([words, check, text]))) };
}

const where = "x: t";
const words = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 });

it("gives what was written", () => {
  fc.assert(
    fc.property(words, (elements) => {
      const { bytes, crc } = written(elements);
      const found = decodeStrings(bytes, elements.length, { where, crc });
      expect(found).toEqual(elements.map((element) => Uint8Array.from(element)));
    }),
  );
});

it("is DATA_LOSS for any other number of elements, any byte less or more, and any byte changed", async () => {
  await fc.assert(
    fc.asyncProperty(words, fc.nat(), fc.integer({ min: 1, max: 255 }), async (elements, place, change) => {
      const { bytes, crc } = written(elements);
      const changed = bytes.slice();
      changed[place % bytes.length] = (changed[place % bytes.length] ?? 0) ^ change;
      const cases: [Uint8Array, number][] = [
        [bytes, elements.length + 1],
        [bytes.subarray(0, place % bytes.length), elements.length],
        [join([bytes, Uint8Array.of(0)]), elements.length],
        [changed, elements.length],
      ];
      for (const [file, count] of cases) {
        expect(await codeOf(() => decodeStrings(file, count, { where, crc }))).toBe("DATA_LOSS");
      }
    }),
  );
});

it("checks the lengths by themselves, too", async () => {
  const { bytes, crc } = written([Uint8Array.of(1)], 7);
  expect(await codeOf(() => decodeStrings(bytes, 1, { where, crc }))).toBe("DATA_LOSS");
});

it.each([
  ["longer than the shard", varint(2 ** 40)],
  ["that needs 64 bits", varint(2 ** 33)],
  ["of more than 2^53", new Uint8Array(9).fill(0xff)],
])("takes a string %s for DATA_LOSS", async (_title, length) => {
  const bytes = join([length, new Uint8Array(20)]);
  expect(await codeOf(() => decodeStrings(bytes, 1, { where, crc: 0 }))).toBe("DATA_LOSS");
});
