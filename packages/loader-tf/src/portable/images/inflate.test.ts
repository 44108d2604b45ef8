import { constants, deflateSync } from "node:zlib";
import { ServingError } from "@servable/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inflate } from "./inflate.js";

/** Runs, noise and repetition, so that all kinds of blocks and codes occur. */
const contents = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .tuple(fc.nat(255), fc.integer({ min: 1, max: 40_000 }))
        .map(([byte, times]) => new Uint8Array(times).fill(byte)),
      fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(200))
        .map(([part, times]) => Buffer.concat(Array.from({ length: times }, () => part))),
    ),
    { maxLength: 5 },
  )
  .map((parts) => new Uint8Array(Buffer.concat(parts)));
const options = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  strategy: fc.constantFrom(constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY, constants.Z_RLE),
});

describe("inflate", () => {
  it("gives back what zlib took, or as much of it as is wanted", () => {
    fc.assert(
      fc.property(contents, options, fc.nat(), (bytes, how, end) => {
        const stream = deflateSync(bytes, how);
        expect(Buffer.compare(inflate(stream, bytes.length), bytes)).toBe(0);
        const part = end % (bytes.length + 1);
        expect(Buffer.compare(inflate(stream, part), bytes.subarray(0, part))).toBe(0);
      }),
    );
  });

  it("refuses a stream that has less, or breaks off", () => {
    fc.assert(
      fc.property(contents, options, fc.nat(), (bytes, how, end) => {
        const stream = deflateSync(bytes, how);
        expect(() => inflate(stream, bytes.length + 1)).toThrow("cut short");
        // Behind the content are at most four bytes of a checksum and some bits.
        const part = stream.subarray(0, end % Math.max(stream.length - 6, 1));
        if (bytes.length > 0) expect(() => inflate(part, bytes.length)).toThrow(ServingError);
      }),
    );
  });

  it("refuses a damaged stream, or gives something else, and never more than is wanted", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(contents, options, changes, (bytes, how, list) => {
        const stream = new Uint8Array(deflateSync(bytes, how));
        for (const [at, byte] of list) stream[at % stream.length] = byte;
        try {
          expect(inflate(stream, bytes.length)).toHaveLength(bytes.length);
        } catch (error) {
          expect(error).toMatchObject({ name: "ServingError", code: "INVALID_ARGUMENT" });
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["another method", [0x79, 0x9c]],
    ["a dictionary", [0x78, 0xbb]],
    ["no such kind of block", [0x78, 0x9c, 0x07]],
    ["a wrong length", [0x78, 0x9c, 0x01, 1, 0, 0, 0, 5]],
  ])("refuses %s", (_title, bytes) => {
    expect(() => inflate(Uint8Array.from(bytes), 1)).toThrow(ServingError);
  });
});
