import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatPart, parseJournal, partsOf } from "./parts.js";

const sizes = fc.array(fc.nat(1_000), { maxLength: 20 });

describe("parts", () => {
  it("cover every byte of every file exactly once", () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 300 }), (files, most) => {
        const covered = files.map((size) => new Uint8Array(size));
        for (const { file, start, end } of partsOf(files, most)) {
          expect(end - start).toBeGreaterThan(0);
          expect(end - start).toBeLessThanOrEqual(most);
          expect(end).toBeLessThanOrEqual(files[file] ?? -1);
          for (let at = start; at < end; at++) covered[file]?.set([(covered[file]?.[at] ?? 0) + 1], at);
        }
        expect(covered.every((file) => file.every((times) => times === 1))).toBe(true);
      }),
    );
  });

  it("of larger files come first", () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 300 }), (files, most) => {
        const order = partsOf(files, most).map(({ file }) => files[file] ?? 0);
        expect(order).toEqual(order.toSorted((a, b) => b - a));
      }),
    );
  });
});

describe("the journal of parts", () => {
  it("that was cut off anywhere, and gone on with, names no part that is not there", () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 300 }), fc.nat(), (files, most, cut) => {
        const parts = partsOf(files, most);
        const half = Math.floor(parts.length / 2);
        const text = parts.slice(0, half).map(formatPart).join("");
        const kept = text.slice(0, cut % (text.length + 1));
        const rest = parts.slice(half);
        const found = parseJournal(kept + rest.map(formatPart).join(""));
        let end = 0;
        for (const part of parts.slice(0, half)) {
          end += formatPart(part).length;
          // The line break at its end may come from the next one.
          if (end - 1 > kept.length) expect(found.has(formatPart(part))).toBe(false);
        }
        for (const each of rest) expect(found.has(formatPart(each))).toBe(true);
      }),
    );
  });

  it("takes nothing from a text that is none", () => {
    expect(parseJournal("\u0000\u0000 1 2\nx\n1 2\n1 2 3 4\n").size).toBe(0);
    expect(parseJournal("").size).toBe(0);
  });
});
