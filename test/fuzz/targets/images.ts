import { crc32 } from "node:zlib";
import { ServingError } from "@servable/core";
import { latin1 } from "../bytes.js";
import { casesOf, firstInputs, kernelOfCase } from "../run-kernel.js";
import type { Target } from "../target.js";

const OPERATIONS = [
  "DecodePng",
  "DecodeJpeg",
  "DecodeImage",
  "DecodeBmp",
  "DecodeGif",
  "DecodeAndCropJpeg",
  "ExtractJpegShape",
  "DecodeWav",
];
const cases = OPERATIONS.flatMap(casesOf);
const kernels = OPERATIONS.flatMap((op) => casesOf(op).slice(0, 1).map(kernelOfCase));
const PNG = 0x89;

/** PNG images get the right checksums. */
function repair(input: Uint8Array): Uint8Array {
  if (input[0] !== PNG) return input;
  const file = input.slice();
  const view = new DataView(file.buffer);
  for (let at = 8; at + 12 <= file.length; ) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > file.length) break;
    view.setUint32(end, crc32(file.subarray(at + 4, end)));
    at = end + 4;
  }
  return file;
}

/** Images of every format, and sound, decoded by each of the operations. */
export const images: Target = {
  name: "images",
  seeds: () => firstInputs(cases).filter(({ length }) => length < 4_096),
  tokens: [
    "IHDR",
    "PLTE",
    "IDAT",
    "tRNS",
    "IEND",
    "GIF89a",
    "BM",
    "JFIF",
    "RIFF",
    "WAVE",
    "fmt ",
    "data",
    "\xff\xd8\xff",
    "\xff\xda",
    "\xff\xc2",
    "\xff\xc4",
  ].map(latin1),
  isMessage: false,
  maxBytes: 8_192,
  repair,
  run(input) {
    for (const ask of kernels) {
      try {
        ask(input);
      } catch (error) {
        if (!ServingError.is(error) || error.code === "INTERNAL") throw error;
      }
    }
  },
};
