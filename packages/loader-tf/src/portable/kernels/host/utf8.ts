/** One character of a text in some encoding. */
export interface CodePoint {
  /** The code point, or -1 for bytes that are none. */
  readonly value: number;
  /** Where its bytes begin. */
  readonly start: number;
  /** How many bytes it takes. */
  readonly length: number;
}

/** How many bytes a character takes by its first byte; 0 for a byte that begins none. */
function lengthByLead(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

/**
 * The characters of UTF-8. Bytes that are none are taken as the Unicode standard recommends: the longest beginning of a
 * character that might have been one counts as one error.
 */
export function* codePointsOfUtf8(bytes: Uint8Array): Generator<CodePoint, void> {
  for (let start = 0; start < bytes.length; ) {
    const lead = bytes[start] ?? 0;
    const wanted = lengthByLead(lead);
    let value = wanted === 1 ? lead : lead & (0xff >> (wanted + 1));
    let length = 1;
    for (; length < wanted; length++) {
      const next = bytes[start + length] ?? 0;
      const [low, high] = length === 1 ? secondByteRange(lead) : [0x80, 0xbf];
      if (next < low || next > high) break;
      value = (value << 6) | (next & 0x3f);
    }
    yield { value: length === wanted ? value : -1, start, length };
    start += length;
  }
}

/** Bytes that may follow the first one: overlong forms, surrogates and what lies beyond U+10FFFF are no characters. */
function secondByteRange(lead: number): readonly [number, number] {
  if (lead === 0xe0) return [0xa0, 0xbf];
  if (lead === 0xed) return [0x80, 0x9f];
  if (lead === 0xf0) return [0x90, 0xbf];
  return lead === 0xf4 ? [0x80, 0x8f] : [0x80, 0xbf];
}

/**
 * How many characters UTF-8 has where nobody checks it: bytes that do not continue a character.
 * This is how TensorFlow counts; for text without errors it is the number of code points.
 */
export function countUtf8(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (!isContinuation(byte)) count++;
  return count;
}

/** Whether a byte is not the first of a character. */
export function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
