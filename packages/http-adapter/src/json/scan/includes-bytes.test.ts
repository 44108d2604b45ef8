import fc from "fast-check";
import { expect, it } from "vitest";
import { includesByHand, includesBytes } from "./includes-bytes.js";

it("finds bytes among others, with Buffer and without", () => {
  const few = { minLength: 1, maxLength: 3 };
  const letters = fc.uint8Array({ min: 0, max: 1, maxLength: 12 });
  fc.assert(
    fc.property(letters, fc.uint8Array({ min: 0, max: 1, ...few }), fc.nat(12), (bytes, wanted, from) => {
      const part = bytes.subarray(from);
      const expected = part.join("").includes(wanted.join(""));
      expect([includesBytes(part, wanted), includesByHand(part, wanted)]).toEqual([expected, expected]);
    }),
  );
});
