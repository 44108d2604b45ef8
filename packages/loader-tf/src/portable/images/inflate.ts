import { damaged } from "./image.js";

/** Codes of at most this many bits are found in one step; a table for the longest would cost more than a short block. */
const FAST_BITS = 9;
const MAX_BITS = 15;
const END = 256;

/** What length symbols from 257 on and distance symbols mean: a base, and how many bits are added (RFC 1951, 3.2.5). */
const LENGTHS = ladder({ count: 29, perStep: 4, first: 3 });
const DISTANCES = ladder({ count: 30, perStep: 2, first: 1 });
/** The order in which a block gives the lengths of the codes for lengths. */
const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const FIXED_LENGTHS = Uint8Array.from({ length: 288 }, (_, at) => (at < 144 ? 8 : at < 256 ? 9 : at < 280 ? 7 : 8));
const FIXED_DISTANCES = new Uint8Array(30).fill(5);

interface Ladder {
  readonly count: number;
  /** Symbols between one more extra bit and the next. */
  readonly perStep: number;
  readonly first: number;
}

/**
 * Undoes zlib's compression (RFC 1950 and 1951) and gives the first `length` bytes; what follows them is not looked at.
 * @throws ServingError INVALID_ARGUMENT if that many bytes are not there, or the stream is damaged before them
 */
export function inflate(stream: Uint8Array, length: number): Uint8Array {
  const [method = 0, flags = 0] = stream;
  if ((method & 15) !== 8 || (flags & 32) !== 0 || ((method << 8) | flags) % 31 !== 0) {
    throw damaged("deflated", "it is no zlib stream");
  }
  // No stream unfolds to more than 258 bytes for 2 bits, so that a short one need not take memory first.
  if (length > stream.length * 1_032) throw damaged("deflated", "it is cut short");
  const target = new Uint8Array(length);
  const bits = new Bits(stream, 2);
  for (let at = 0, isLast = false; at < length; ) {
    if (isLast) throw damaged("deflated", "it is cut short");
    isLast = bits.take(1) === 1;
    const kind = bits.take(2);
    if (kind === 0) at = copyStored(bits, target, at);
    else if (kind === 1) at = unfold({ bits, ...FIXED }, target, at);
    else if (kind === 2) at = unfold({ bits, ...readCodes(bits) }, target, at);
    else throw damaged("deflated", "there is no such kind of block");
  }
  return target;
}

/** The codes of a block: for bytes and lengths, and for distances. */
interface Codes {
  readonly literals: Code;
  readonly distances: Code;
}

function copyStored(bits: Bits, target: Uint8Array, start: number): number {
  bits.align();
  const length = bits.take(8) | (bits.take(8) << 8);
  const check = bits.take(8) | (bits.take(8) << 8);
  if ((length ^ check) !== 0xffff) throw damaged("deflated", "a length in it is wrong");
  const end = Math.min(start + length, target.length);
  for (let at = start; at < end; at++) target[at] = bits.take(8);
  return end;
}

/** Writes bytes, and bytes that came before; gives the place after the last. */
function unfold(
  { bits, literals, distances }: Codes & { readonly bits: Bits },
  target: Uint8Array,
  start: number,
): number {
  let at = start;
  while (at < target.length) {
    const symbol = bits.symbol(literals);
    if (symbol < END) {
      target[at++] = symbol;
      continue;
    }
    if (symbol === END) break;
    const length = measure(bits, LENGTHS, symbol - END - 1);
    const distance = measure(bits, DISTANCES, bits.symbol(distances));
    if (distance > at) throw damaged("deflated", "it refers to what lies before it");
    for (const end = Math.min(at + length, target.length); at < end; at++) target[at] = target[at - distance] ?? 0;
  }
  return at;
}

function measure(bits: Bits, steps: ReturnType<typeof ladder>, symbol: number): number {
  const base = steps.bases[symbol];
  if (base === undefined) throw damaged("deflated", "there is no such symbol");
  return base + bits.take(steps.bits[symbol] ?? 0);
}

function readCodes(bits: Bits): Codes {
  const literals = bits.take(5) + 257;
  const total = literals + bits.take(5) + 1;
  const own = new Uint8Array(CODE_ORDER.length);
  for (let at = 0, count = bits.take(4) + 4; at < count; at++) own[CODE_ORDER[at] ?? 0] = bits.take(3);
  const code = codeOf(own);
  const lengths = new Uint8Array(total);
  for (let at = 0; at < total; ) {
    const symbol = bits.symbol(code);
    const value = symbol < 16 ? symbol : symbol === 16 ? lengths[at - 1] : 0;
    if (value === undefined) throw damaged("deflated", "it repeats nothing");
    const times = symbol < 16 ? 1 : symbol === 18 ? bits.take(7) + 11 : bits.take(symbol - 14) + 3;
    lengths.fill(value, at, at + times);
    at += times;
  }
  return { literals: codeOf(lengths.subarray(0, literals)), distances: codeOf(lengths.subarray(literals)) };
}

function ladder({ count, perStep, first }: Ladder): { readonly bases: Uint16Array; readonly bits: Uint8Array } {
  const bases = new Uint16Array(count);
  const bits = Uint8Array.from(bases, (_, at) => Math.max(Math.floor(at / perStep) - 1, 0));
  for (let at = 0, base = first; at < count; at++) {
    bases[at] = base;
    base += 1 << (bits[at] ?? 0);
  }
  // The greatest length has a symbol of its own.
  if (count === 29) {
    bases[28] = 258;
    bits[28] = 0;
  }
  return { bases, bits };
}

/** Bits of a stream, the lowest of each byte first. */
class Bits {
  readonly #bytes: Uint8Array;
  #position: number;
  #held = 0;
  #count = 0;

  constructor(bytes: Uint8Array, position: number) {
    this.#bytes = bytes;
    this.#position = position;
  }

  /** The next bits as a number, at most 15. */
  take(bits: number): number {
    this.#fill(bits);
    const value = this.#held & ((1 << bits) - 1);
    this.#drop(bits);
    return value;
  }

  /** Goes on with the next whole byte. */
  align(): void {
    this.#drop(this.#count & 7);
  }

  /** The next symbol of a code. */
  symbol({ fast, counts, symbols }: Code): number {
    this.#fill(MAX_BITS);
    const entry = fast[this.#held & (fast.length - 1)] ?? 0;
    if (entry > 0) {
      this.#drop(entry & 15);
      return entry >> 4;
    }
    for (let length = 1, code = 0, first = 0, place = 0; length <= MAX_BITS; length++) {
      code |= (this.#held >> (length - 1)) & 1;
      const count = counts[length] ?? 0;
      if (code - first < count) {
        this.#drop(length);
        return symbols[place + code - first] ?? 0;
      }
      place += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw damaged("deflated", "there is no such code");
  }

  #fill(bits: number): void {
    while (this.#count < bits && this.#position < this.#bytes.length) {
      this.#held |= (this.#bytes[this.#position++] ?? 0) << this.#count;
      this.#count += 8;
    }
  }

  #drop(bits: number): void {
    if (bits > this.#count) throw damaged("deflated", "it is cut short");
    this.#held >>>= bits;
    this.#count -= bits;
  }
}

/** A canonical Huffman code. */
interface Code {
  /** By the next bits: symbol and, in the lowest four bits, its length; 0 for codes that are longer. */
  readonly fast: Uint16Array;
  /** How many codes there are of each length. */
  readonly counts: Uint16Array;
  /** Symbols by code. */
  readonly symbols: Uint16Array;
}

function codeOf(lengths: Uint8Array): Code {
  const counts = new Uint16Array(MAX_BITS + 1);
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
  counts[0] = 0;
  const next = new Uint16Array(MAX_BITS + 2);
  const places = new Uint16Array(MAX_BITS + 2);
  for (let length = 1, left = 1; length <= MAX_BITS; length++) {
    const count = counts[length] ?? 0;
    left = left * 2 - count;
    if (left < 0) throw damaged("deflated", "two codes are the same");
    places[length + 1] = (places[length] ?? 0) + count;
    next[length + 1] = ((next[length] ?? 0) + count) << 1;
  }
  const symbols = new Uint16Array(lengths.length);
  const fast = new Uint16Array(1 << FAST_BITS);
  for (const [symbol, length] of lengths.entries()) {
    if (length === 0) continue;
    const place = places[length] ?? 0;
    const code = next[length] ?? 0;
    symbols[place] = symbol;
    places[length] = place + 1;
    next[length] = code + 1;
    if (length > FAST_BITS) continue;
    // Codes come highest bit first, all else lowest first.
    let reversed = 0;
    for (let bit = 0; bit < length; bit++) reversed |= ((code >> bit) & 1) << (length - 1 - bit);
    for (let at = reversed; at < fast.length; at += 1 << length) fast[at] = (symbol << 4) | length;
  }
  return { fast, counts, symbols };
}

const FIXED: Codes = { literals: codeOf(FIXED_LENGTHS), distances: codeOf(FIXED_DISTANCES) };
