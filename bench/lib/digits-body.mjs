// Digits of fixtures/digits as the body of a predict request.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fixtures } from "./portable.mjs";

const { pixels } = JSON.parse(readFileSync(join(fixtures, "digits", "held-out.json"), "utf8"));
const bytes = Buffer.from(pixels, "base64");

/** So many images, as JSON. Most pixels are 0. */
export function digitsBody(images) {
  return bodyOf(images, (byte) => byte / 255);
}

/** One image of numbers that all have so many digits, as inputs have that were normalized. */
export function denseBody(digits) {
  return bodyOf(1, (byte, at) => Number((byte / 255 + (at + 1) / 7_654_321).toPrecision(digits)));
}

function bodyOf(images, valueOf) {
  const instances = Array.from({ length: images }, (_, image) =>
    Array.from({ length: 28 }, (_row, row) => {
      const start = 784 * image + 28 * row;
      return Array.from(bytes.subarray(start, start + 28), (byte, column) => valueOf(byte, 28 * row + column));
    }),
  );
  return JSON.stringify({ instances });
}
