// Philox 4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.

const MULTIPLIERS = [0xd2511f53n, 0xcd9e8d57n] as const;
const WEYL = [0x9e3779b9, 0xbb67ae85] as const;
const ROUNDS = 10;

/** Four words of 32 bits. */
export type Block = readonly [number, number, number, number];
/** Two words of 32 bits. */
export type Key = readonly [number, number];

/** The block of random words that belongs to a counter. */
export function philox(counter: Block, key: Key): Block {
  let [a, b, c, d] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const [one, other] = [MULTIPLIERS[0] * BigInt(a), MULTIPLIERS[1] * BigInt(c)];
    const [high0, low0] = [Number(one >> 32n), Number(one & 0xffffffffn)];
    const [high1, low1] = [Number(other >> 32n), Number(other & 0xffffffffn)];
    [a, b, c, d] = [(high1 ^ b ^ k0) >>> 0, low1, (high0 ^ d ^ k1) >>> 0, low0];
    k0 = (k0 + WEYL[0]) >>> 0;
    k1 = (k1 + WEYL[1]) >>> 0;
  }
  return [a, b, c, d];
}

/** A 64-bit number as two words, the lower first. */
export function wordsOf(value: bigint): Key {
  return [Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(32, value >> 32n))];
}

/** A generator of words: a key and a counter that goes up with each block. */
export class WordStream {
  readonly #key: Key;
  #counter: bigint;
  #block: Block = [0, 0, 0, 0];
  #used = 4;

  /** @param counter 128 bits */
  constructor(key: Key, counter: bigint) {
    this.#key = key;
    this.#counter = counter;
  }

  /** A stream of the next blocks, which this one leaves out. */
  aside(blocks: number): WordStream {
    const own = new WordStream(this.#key, this.#counter);
    this.#counter = BigInt.asUintN(128, this.#counter + BigInt(blocks));
    this.#used = 4;
    return own;
  }

  /** The next word of 32 bits. */
  next(): number {
    if (this.#used === 4) {
      const [low, high] = [wordsOf(this.#counter), wordsOf(this.#counter >> 64n)];
      this.#block = philox([...low, ...high], this.#key);
      this.#counter++;
      this.#used = 0;
    }
    return this.#block[this.#used++] ?? 0;
  }
}

/** TensorFlow makes a key and a counter of the two seeds of a stateless operation by a round of Philox. */
export function scrambled(seed: bigint, seed2: bigint): { key: bigint; counter: bigint } {
  const mix = philox([...wordsOf(seed), ...wordsOf(seed2)], [0x3ec8f720, 0x02461e29]);
  const [a, b, c, d] = mix.map(BigInt) as [bigint, bigint, bigint, bigint];
  return { key: a | (b << 32n), counter: (c << 64n) | (d << 96n) };
}
