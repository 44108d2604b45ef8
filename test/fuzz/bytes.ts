/** All parts behind each other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** `bytes` with `length` of them from `at` on replaced. */
export function spliced(bytes: Uint8Array, at: number, change: { length: number; by: Uint8Array }): Uint8Array {
  return concat(bytes.subarray(0, at), change.by, bytes.subarray(at + change.length));
}

/** A base-128 number, as protocol buffers write it. */
export function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.of(...bytes, Number(rest));
}

/** Each character as a byte. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
