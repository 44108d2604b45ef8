/** What is used of Node's Buffer: its search is many times as fast as that of typed arrays. */
interface Searching {
  from(buffer: ArrayBufferLike, offset: number, length: number): { includes(wanted: Uint8Array): boolean };
}

/** Whether some bytes stand among others. */
export function includesBytes(bytes: Uint8Array, wanted: Uint8Array): boolean {
  const { Buffer } = globalThis as { Buffer?: Searching };
  if (Buffer !== undefined) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(wanted);
  return includesByHand(bytes, wanted);
}

/** The same where there is no Buffer. */
export function includesByHand(bytes: Uint8Array, wanted: Uint8Array): boolean {
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first); at !== -1; at = bytes.indexOf(first, at + 1)) {
    let length = 1;
    while (length < wanted.length && bytes[at + length] === wanted[length]) length++;
    if (length === wanted.length) return true;
  }
  return false;
}
