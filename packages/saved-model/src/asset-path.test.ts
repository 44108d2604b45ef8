import { describe, expect, it } from "vitest";
import { assetPath } from "./asset-path.js";

describe("assetPath", () => {
  it.each(["vocabulary.txt", "words/en.txt", "..vocabulary", "a..b"])("finds %s below assets", (name) => {
    expect(assetPath(name)).toBe(`assets/${name}`);
  });

  it.each(["", "..", "../saved_model.pb", "a/../../b", "/etc/passwd", "a//b", "./a", "a\\..\\b", "a\0b"])(
    "refuses %j, which would leave the folder",
    (name) => {
      expect(() => assetPath(name)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    },
  );
});
