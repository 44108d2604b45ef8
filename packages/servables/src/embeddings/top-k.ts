/** A row and how well it fits. */
export interface Scored {
  readonly row: number;
  readonly score: number;
}

/** Keeps the `k` best of all that is offered, in a heap with the worst on top. Of equal scores the lower row is better. */
export class TopK {
  readonly #k: number;
  readonly #heap: Scored[] = [];

  constructor(k: number) {
    this.#k = k;
  }

  offer(row: number, score: number): void {
    const heap = this.#heap;
    const worst = heap[0];
    if (heap.length < this.#k) {
      heap.push({ row, score });
      this.#rise(heap.length - 1);
    } else if (worst !== undefined && isBetter(score, row, worst)) {
      heap[0] = { row, score };
      this.#sink();
    }
  }

  /** The best first. */
  sorted(): readonly Scored[] {
    return this.#heap.toSorted((a, b) => (isBetter(a.score, a.row, b) ? -1 : 1));
  }

  #rise(start: number): void {
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isWorse(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(): void {
    let at = 0;
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let worst = at;
      if (this.#isWorse(left, worst)) worst = left;
      if (this.#isWorse(right, worst)) worst = right;
      if (worst === at) return;
      this.#swap(at, worst);
      at = worst;
    }
  }

  #isWorse(at: number, than: number): boolean {
    const [one, other] = [this.#heap[at], this.#heap[than]];
    return one !== undefined && other !== undefined && isBetter(other.score, other.row, one);
  }

  #swap(at: number, other: number): void {
    const [one, two] = [this.#heap[at], this.#heap[other]];
    if (one === undefined || two === undefined) return;
    this.#heap[at] = two;
    this.#heap[other] = one;
  }
}

function isBetter(score: number, row: number, than: Scored): boolean {
  return score > than.score || (score === than.score && row < than.row);
}
