import fc from "fast-check";
import { expect, it } from "vitest";
import { crc32c, maskCrc } from "./crc32c.js";

const bytesOf = (length: number, at: (index: number) => number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => at(i));

// RFC 3720, appendix B.4, and the check value of the polynomial.
it.each([
  ["nothing", new Uint8Array(), 0],
  ["32 zeros", bytesOf(32, () => 0), 0x8a9136aa],
  ["32 ones", bytesOf(32, () => 0xff), 0x62a8ab43],
  ["0 … 31", bytesOf(32, (i) => i), 0x46dd794e],
  ["31 … 0", bytesOf(32, (i) => 31 - i), 0x113fdb5c],
  ["123456789", new TextEncoder().encode("123456789"), 0xe3069283],
])("the checksum of %s", (_title, bytes, wanted) => {
  expect(crc32c(bytes)).toBe(wanted);
});

it("goes over parts as over the whole", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
      expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(crc32c(bytes));
    }),
  );
});

it("does not depend on where the bytes lie in their buffer", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), fc.nat(9), (bytes, shift) => {
      const buffer = new Uint8Array(bytes.length + shift);
      buffer.set(bytes, shift);
      expect(crc32c(buffer.subarray(shift))).toBe(crc32c(bytes));
    }),
  );
});

it("is masked as LevelDB masks it", () => {
  expect(maskCrc(0)).toBe(0xa282ead8);
  expect(maskCrc(0xffffffff)).toBe(0xa282ead7);
  expect(maskCrc(1)).toBe((0xa282ead8 + 2 ** 17) >>> 0);
});
