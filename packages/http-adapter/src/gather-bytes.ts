/** Bytes that come in pieces, up to a limit. */
export interface GatheredBytes {
  /** Takes a piece in; false, and not taken, where that would go beyond the limit. */
  add(piece: Uint8Array): boolean;
  /** All bytes so far. */
  all(): Uint8Array;
}

/** With as much of a body there, room is made for all of it: to double it again and again would copy megabytes at once. */
const TRUST = 16;

/**
 * Puts pieces together in one array. A list of pieces would take many times their size where a client sends its body
 * byte by byte.
 * @param announcedBytes how many there will be, as far as the sender says; memory is taken by what has come, up to
 * {@link TRUST} times that
 */
export function gatherBytes(maxBytes: number, announcedBytes = 0): GatheredBytes {
  let held: Uint8Array = new Uint8Array(0);
  let length = 0;
  return {
    add(piece) {
      if (length + piece.length > maxBytes) return false;
      // Most bodies are one piece, which need not be copied; what is written to below is an array of ours.
      if (length === 0) held = piece;
      else {
        if (length + piece.length > held.length) {
          const needed = length + piece.length;
          const isNear = announcedBytes >= needed && announcedBytes <= TRUST * needed;
          const larger = new Uint8Array(isNear ? announcedBytes : Math.max(held.length * 2, needed));
          larger.set(held.subarray(0, length));
          held = larger;
        }
        held.set(piece, length);
      }
      length += piece.length;
      return true;
    },
    all: () => held.subarray(0, length),
  };
}

/** All bytes of a stream; undefined, and the stream is let go, as soon as they are more than `maxBytes`. */
export async function gatherStream(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  announcedBytes?: number,
): Promise<Uint8Array | undefined> {
  const bytes = gatherBytes(maxBytes, announcedBytes);
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes.all();
    if (bytes.add(value)) continue;
    // Not awaited: a stream may take its time to stop, and the answer is known.
    reader.cancel().catch(() => {});
    return undefined;
  }
}
