import fc from "fast-check";
import { expect, it } from "vitest";
import { fromBase64, toBase64 } from "./base64.js";

it("writes what Node writes, and reads it back with padding, without, and with blanks", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), fc.nat(60), (bytes, at) => {
      const text = toBase64(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64"));
      for (const form of [text, text.replaceAll("=", ""), `${text.slice(0, at)} \n${text.slice(at)}`]) {
        expect(fromBase64(form)).toEqual(bytes);
      }
    }),
  );
});

it.each([
  "A",
  "AAAAA",
  "A=",
  "A===",
  "AA=",
  "AA===",
  "AAA==",
  "AAAA=",
  "=",
  "====",
  "AA=A",
  "A-_A",
  "AA%A",
  "é",
  "AA\u0000A",
])("refuses %j", (text) => {
  expect(fromBase64(text)).toBeUndefined();
});

it("takes a text without letters for no bytes", () => {
  expect(fromBase64(" ")).toEqual(new Uint8Array(0));
});
