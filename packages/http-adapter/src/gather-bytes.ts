/** Bytes that come in pieces. */
export interface GatheredBytes {
  readonly length: number;
  add(piece: Uint8Array): void;
  /** All bytes so far. */
  all(): Uint8Array;
}

/**
 * Puts pieces together in one array. A list of pieces would take many times their size where a client sends its body
 * byte by byte.
 */
export function gatherBytes(): GatheredBytes {
  let held: Uint8Array = new Uint8Array(0);
  let length = 0;
  return {
    get length() {
      return length;
    },
    add(piece) {
      // Most bodies are one piece, which need not be copied; what is written to below is an array of ours.
      if (length === 0) held = piece;
      else {
        if (length + piece.length > held.length) {
          const larger = new Uint8Array(Math.max(held.length * 2, length + piece.length));
          larger.set(held.subarray(0, length));
          held = larger;
        }
        held.set(piece, length);
      }
      length += piece.length;
    },
    all: () => held.subarray(0, length),
  };
}
