/** Numbers that look random and are the same for the same seed: a counter, scrambled by Murmur3's 32-bit finalizer. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 bits, from 0 on. */
  bits(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  }

  /** An integer from 0 to below `limit`; 0 if there is none. */
  below(limit: number): number {
    return limit <= 1 ? 0 : Math.floor((this.bits() / 2 ** 32) * limit);
  }

  /** True once in `times`. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of the items. @throws RangeError if there are none */
  pick<T>(items: readonly T[]): T {
    const [first] = items;
    if (first === undefined) throw new RangeError("nothing to pick from");
    return items[this.below(items.length)] ?? first;
  }

  /** A length that is mostly small: each power of two up to `limit` is as likely as the next. */
  length(limit: number): number {
    const power = this.below(Math.floor(Math.log2(Math.max(1, limit))) + 1);
    return Math.min(limit, 1 + this.below(2 ** (power + 1) - 1));
  }
}
