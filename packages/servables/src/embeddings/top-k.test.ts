import fc from "fast-check";
import { expect, it } from "vitest";
import { TopK } from "./top-k.js";

it("gives what sorting all would give, ties by row", () => {
  const scores = fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 60 });
  fc.assert(
    fc.property(scores, fc.integer({ min: 1, max: 20 }), fc.func(fc.nat()), (scores, k, order) => {
      const all = scores.map((score, row) => ({ row, score }));
      const top = new TopK(k);
      for (const { row, score } of all.toSorted((a, b) => order(a.row) - order(b.row))) top.offer(row, score);
      expect(top.sorted()).toEqual(all.toSorted((a, b) => b.score - a.score || a.row - b.row).slice(0, k));
    }),
  );
});
