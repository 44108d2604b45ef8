import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatManifest, missingFromManifest, parseManifest, staysInside } from "./manifest.js";

const SHA = "0123456789abcdef".repeat(4);
const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const file = (changed: object = {}): object => ({ name: "a", sizeBytes: 1, sha256: SHA, ...changed });

it("a manifest that was written is read as it was", () => {
  const name = fc.stringMatching(/^[a-z ü]{1,5}(\/[a-z]{1,5}){0,2}$/);
  const files = fc.uniqueArray(fc.record({ name, sizeBytes: fc.nat(), sha256: fc.constant(SHA) }), {
    selector: (each) => each.name,
  });
  fc.assert(
    fc.property(files, (rows) => {
      const read = parseManifest(new TextEncoder().encode(formatManifest({ files: rows })));
      expect(read.files).toHaveLength(rows.length);
      expect(read.files).toEqual(expect.arrayContaining(rows));
      expect(missingFromManifest(read, rows)).toBeUndefined();
    }),
  );
});

it.each([
  ["no JSON", new Uint8Array([0xff]), "not JSON"],
  ["half of it", new TextEncoder().encode('{"servable": 1, "fi'), "not JSON"],
  ["a list", encode([]), "it must be an object"],
  ["another format", encode({ servable: 2, files: [] }), "must be 1"],
  ["no files", encode({ servable: 1 }), "must be a list"],
  ["a name that leads out", encode({ servable: 1, files: [file({ name: "../x" })] }), "files[0].name"],
  ["a negative size", encode({ servable: 1, files: [file({ sizeBytes: -1 })] }), "files[0].sizeBytes"],
  ["a short digest", encode({ servable: 1, files: [file({ sha256: "ab" })] }), "files[0].sha256"],
  ["a name twice", encode({ servable: 1, files: [file(), file()] }), "twice"],
])("%s is no manifest, and the message says why", (_, bytes, text) => {
  expect(() => parseManifest(bytes)).toThrow(
    expect.objectContaining({ code: "DATA_LOSS", message: expect.stringContaining(text) }),
  );
});

describe("what is missing from a manifest", () => {
  const manifest = { files: [{ name: "a", sizeBytes: 3, sha256: SHA }] };
  it.each([
    [
      "nothing",
      [
        { name: "a", sizeBytes: 3 },
        { name: "servable.json", sizeBytes: 9 },
      ],
      undefined,
    ],
    ["a file", [], "a, which servable.json lists, is missing"],
    ["bytes", [{ name: "a", sizeBytes: 2 }], "a has 2 bytes, and servable.json says 3"],
  ])("is %s", (_, listed, expected) => expect(missingFromManifest(manifest, listed)).toBe(expected));
});

it.each(["", "/a", "a//b", "a/", ".", "..", "a/../b", "./a", "a\\b", "C:a", "a\0"])("%j leads out", (name) => {
  expect(staysInside(name)).toBe(false);
});
