import fc from "fast-check";
import { expect, it } from "vitest";
import { gatherBytes } from "./gather-bytes.js";

it("puts pieces together up to a limit, whatever was announced", () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 });
  fc.assert(
    fc.property(pieces, fc.nat(400), fc.nat(800), (given, limit, announced) => {
      const gathered = gatherBytes(limit, announced);
      const taken: number[] = [];
      for (const piece of given) {
        const fits = taken.length + piece.length <= limit;
        expect(gathered.add(piece.slice())).toBe(fits);
        if (fits) taken.push(...piece);
      }
      expect([...gathered.all()]).toEqual(taken);
    }),
  );
});

it("takes memory for what has come, and not for what is announced alone", () => {
  const gathered = gatherBytes(2 ** 30, 2 ** 30);
  gathered.add(new Uint8Array(10));
  gathered.add(new Uint8Array(10));
  expect(gathered.all().buffer.byteLength).toBeLessThan(1_000);
});

it("makes room once for what is announced and has begun to come", () => {
  const gathered = gatherBytes(2 ** 20, 1_000);
  gathered.add(new Uint8Array(50));
  gathered.add(new Uint8Array(50));
  const { buffer } = gathered.all();
  for (let piece = 0; piece < 9; piece++) gathered.add(new Uint8Array(100));
  expect(gathered.all().buffer).toBe(buffer);
});
