// The 200 digits that no model was trained on.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../workspace.mjs";

const SIDE = 28;
const SHADES = " .:-=+*#%@";

/** Images as rows of numbers from 0 to 1, with their labels and the request body of each. */
export function heldOutDigits() {
  const { labels, pixels } = JSON.parse(readFileSync(join(root, "fixtures/digits/held-out.json"), "utf8"));
  const bytes = Buffer.from(pixels, "base64");
  return labels.map((label, index) => {
    const image = Array.from({ length: SIDE }, (_, row) => {
      const start = (index * SIDE + row) * SIDE;
      return Array.from(bytes.subarray(start, start + SIDE), (byte) => Math.round((byte / 255) * 1e4) / 1e4);
    });
    return { label, image, body: JSON.stringify({ instances: [image] }) };
  });
}

/** A digit as text, the empty rows above and below left out. */
export function asText(image) {
  const lines = image.map((row) =>
    row
      .map((value) => SHADES[Math.round(value * (SHADES.length - 1))])
      .join("")
      .trimEnd(),
  );
  const first = lines.findIndex((line) => line !== "");
  const last = lines.findLastIndex((line) => line !== "");
  return lines.slice(first, last + 1).join("\n");
}

/** The likeliest digit and its probability, from the answer to a request of one image. */
export function predictionOf(text) {
  const [probabilities] = JSON.parse(text).predictions;
  const probability = Math.max(...probabilities);
  return { digit: probabilities.indexOf(probability), probability };
}
