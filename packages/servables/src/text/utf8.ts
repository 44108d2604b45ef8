import { ServingError } from "@servable/core";

const encoder = new TextEncoder();
// A mark is part of the text here; at the head of a file it has been left out before.
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/** The bytes of a text. */
export function encode(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * The text of bytes that must be UTF-8.
 * @throws ServingError DATA_LOSS if they are not
 */
export function decode(bytes: Uint8Array): string {
  const text = decodeOrNone(bytes);
  if (text === undefined) throw new ServingError("DATA_LOSS", "is not UTF-8; save the file in that encoding");
  return text;
}

/** The text of bytes, undefined if they are not UTF-8. */
export function decodeOrNone(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The text of any bytes, in quotes and cut short, for messages. */
export function quoted(bytes: Uint8Array): string {
  const text = lenient.decode(bytes.subarray(0, 200));
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
