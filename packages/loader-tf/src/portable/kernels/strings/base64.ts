import { boolAttribute } from "../../graph/attributes.js";
import { type KernelFactory, type KernelTable, onHost } from "../../run/kernel.js";
import { bytesOf, mapStrings } from "../host/bytes.js";
import { mismatch } from "../host/shapes.js";

/** The alphabet that is safe in URLs (RFC 4648, 5). */
const ALPHABET = bytesOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
const PADDING = 61;
const DIGITS = new Map(Array.from(ALPHABET, (byte, digit) => [byte, digit]));

function encode(bytes: Uint8Array, isPadded: boolean): Uint8Array {
  const length = Math.ceil((bytes.length * 4) / 3);
  const encoded = new Uint8Array(isPadded ? Math.ceil(length / 4) * 4 : length).fill(PADDING);
  for (let at = 0; at < length; at++) {
    // Digit `at` has its six bits in one byte or in two.
    const from = (at * 6) >> 3;
    const pair = ((bytes[from] ?? 0) << 8) | (bytes[from + 1] ?? 0);
    encoded[at] = ALPHABET[(pair >> (10 - ((at * 6) & 7))) & 63] ?? 0;
  }
  return encoded;
}

function decode(encoded: Uint8Array): Uint8Array {
  let length = encoded.length;
  if (length % 4 === 0) while (length > encoded.length - 2 && length > 0 && encoded[length - 1] === PADDING) length--;
  if (length % 4 === 1) throw mismatch(`${encoded.length} characters are no base64`);
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let bits = 0;
  for (let at = 0, to = 0; at < length; at++) {
    const digit = DIGITS.get(encoded[at] ?? 0);
    if (digit === undefined) throw mismatch(`character ${at} is none of web-safe base64`);
    bits = ((bits << 6) | digit) & 0xffff;
    // From the second digit on of every four, a byte is complete.
    if (at % 4 > 0) bytes[to++] = bits >> (6 - 2 * (at % 4));
  }
  return bytes;
}

const encodeKernel: KernelFactory = (node) => {
  const isPadded = boolAttribute(node, "pad", false);
  return onHost((x) => mapStrings(x, (value) => encode(value, isPadded)));
};

/** Base64 as web addresses have it. */
export const BASE64: KernelTable = {
  DecodeBase64: () => onHost((x) => mapStrings(x, decode)),
  EncodeBase64: encodeKernel,
};
