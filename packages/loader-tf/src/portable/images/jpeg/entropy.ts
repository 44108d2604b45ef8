import { damaged } from "../image.js";

/** Codes of at most this many bits are found in one step. */
const FAST_BITS = 9;
const MAX_BITS = 16;

/** A Huffman table of a JPEG file. */
export interface HuffmanTable {
  /** By the next bits: length and, in the lowest eight bits, the symbol; 0 for codes that are longer. */
  readonly fast: Uint16Array;
  /** How many codes there are of each length. */
  readonly counts: Uint8Array;
  /** Symbols by code. */
  readonly symbols: Uint8Array;
}

/**
 * Makes a table from how many codes there are of the lengths 1 to 16, and their symbols in order.
 * @throws ServingError INVALID_ARGUMENT if there are more codes than bits for them
 */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const fast = new Uint16Array(1 << FAST_BITS);
  for (let length = 1, code = 0, place = 0; length <= MAX_BITS; length++, code <<= 1) {
    const count = counts[length - 1] ?? 0;
    if (code + count > 1 << length) throw damaged("JPEG", "two codes are the same");
    for (let end = place + count; place < end; place++, code++) {
      if (length > FAST_BITS) continue;
      const start = code << (FAST_BITS - length);
      fast.fill((length << 8) | (symbols[place] ?? 0), start, start + (1 << (FAST_BITS - length)));
    }
  }
  return { fast, counts, symbols };
}

/** The entropy-coded bits of a scan, the highest of each byte first. What lies behind a marker is zeros. */
export class EntropyBits {
  readonly #bytes: Uint8Array;
  #position: number;
  #held = 0;
  #count = 0;
  /** Zeros in what is held that the file does not have. */
  #padding = 0;

  constructor(bytes: Uint8Array, position: number) {
    this.#bytes = bytes;
    this.#position = position;
  }

  /** Whether bits were taken that the file does not have. */
  get isExhausted(): boolean {
    return this.#count < this.#padding;
  }

  /** The place of the next marker, or the end of the file. */
  markerPosition(): number {
    const bytes = this.#bytes;
    let at = this.#position;
    while (at < bytes.length && !isMarker(bytes, at)) at++;
    return at;
  }

  /**
   * Goes to what follows the next marker, if that is one that restarts the scan.
   * @returns whether it is
   */
  restart(): boolean {
    const at = this.markerPosition();
    const marker = this.#bytes[at + 1] ?? 0;
    this.#position = at;
    this.#held = 0;
    this.#count = 0;
    this.#padding = 0;
    if (marker < 0xd0 || marker > 0xd7) return false;
    this.#position += 2;
    return true;
  }

  /** The next bits as a number, at most 16. */
  take(bits: number): number {
    if (this.#count < bits) this.#fill();
    this.#count -= bits;
    return (this.#held >>> this.#count) & ((1 << bits) - 1);
  }

  /** A number of that many bits, those without the highest bit being negative (ITU T.81, F.2.2.1). */
  takeSigned(bits: number): number {
    if (bits === 0) return 0;
    const value = this.take(bits);
    return value < 1 << (bits - 1) ? value - (1 << bits) + 1 : value;
  }

  /** The next symbol; zero, as libjpeg has it, where there is no such code. */
  symbol({ fast, counts, symbols }: HuffmanTable): number {
    if (this.#count < MAX_BITS) this.#fill();
    const entry = fast[(this.#held >>> (this.#count - FAST_BITS)) & (fast.length - 1)] ?? 0;
    if (entry > 0) {
      this.#count -= entry >> 8;
      return entry & 255;
    }
    for (let length = 1, code = 0, first = 0, place = 0; length <= MAX_BITS; length++) {
      code |= (this.#held >>> (this.#count - length)) & 1;
      const count = counts[length - 1] ?? 0;
      if (code - first < count) {
        this.#count -= length;
        return symbols[place + code - first] ?? 0;
      }
      place += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    this.#count -= MAX_BITS;
    return 0;
  }

  #fill(): void {
    const bytes = this.#bytes;
    while (this.#count <= 24) {
      const byte = bytes[this.#position];
      let next = 0;
      if (byte === undefined || isMarker(bytes, this.#position)) this.#padding += 8;
      else {
        next = byte;
        this.#position += byte === 0xff ? 2 : 1;
      }
      this.#held = (this.#held << 8) | next;
      this.#count += 8;
    }
  }
}

/** In coded data 0xff is written with a zero after it; with anything else it is a marker. */
function isMarker(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xff && bytes[at + 1] !== 0;
}
