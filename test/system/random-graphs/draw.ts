/** Makes choices off a tape of numbers, so that one tape always makes one graph. */
export class Draw {
  readonly #tape: readonly number[];
  #at = 0;

  constructor(tape: readonly number[]) {
    this.#tape = tape;
  }

  /** An integer from 0 on, below `count`. */
  below(count: number): number {
    const value = this.#tape[this.#at++ % this.#tape.length] ?? 0;
    return value % count;
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  isTrue(): boolean {
    return this.below(2) === 1;
  }

  /** One of a list that is not empty. */
  of<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error("there is nothing to choose from");
    return item;
  }

  /** A number of few digits around 0. */
  float(): number {
    return (this.below(4_001) - 2_000) / 1_000;
  }

  floats(count: number): number[] {
    return Array.from({ length: count }, () => this.float());
  }

  /** The numbers below `count` in any order. */
  order(count: number): number[] {
    const order = Array.from({ length: count }, (_, at) => at);
    for (let last = count - 1; last > 0; last--) {
      const other = this.below(last + 1);
      [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
    }
    return order;
  }
}
