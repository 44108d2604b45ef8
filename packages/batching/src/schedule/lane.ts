/** A request that waits, or what is left of it. */
export interface Entry<R> {
  readonly request: R;
  /** Rows in all. */
  readonly rows: number;
  /** When it came, in milliseconds. */
  readonly sinceMs: number;
  /** Rows from the first on that runs have taken. */
  taken: number;
}

/** Rows of a request that go into one run: `rows` of them, from row `start` on. */
export interface Part<R> {
  readonly request: R;
  readonly start: number;
  readonly rows: number;
}

/** How much a run takes from a lane. */
export interface Portion {
  /** Rows that the run should have at most; its first request goes all the same. */
  readonly limit: number;
  /** Rows that a run can have at most, by which a request is split; undefined leaves requests whole. */
  readonly splitAt: number | undefined;
}

/** Requests that fit into one run together, in the order in which they came. */
export class Lane<R> {
  readonly #entries = new Set<Entry<R>>();
  #rows = 0;

  /** Rows that wait. */
  get rows(): number {
    return this.#rows;
  }

  /** When the oldest of the requests came. */
  get oldestMs(): number | undefined {
    for (const { sinceMs } of this.#entries) return sinceMs;
    return undefined;
  }

  push(entry: Entry<R>): void {
    this.#entries.add(entry);
    this.#rows += entry.rows - entry.taken;
  }

  /** Takes a request out, or what is left of it; gives the number of rows that no longer wait. */
  remove(entry: Entry<R>): number {
    if (!this.#entries.delete(entry)) return 0;
    const left = entry.rows - entry.taken;
    this.#rows -= left;
    return left;
  }

  /** Takes what makes the next run. */
  take({ limit, splitAt }: Portion): readonly Part<R>[] {
    const parts: Part<R>[] = [];
    let room = limit;
    for (const entry of this.#entries) {
      const left = entry.rows - entry.taken;
      const isFirst = parts.length === 0;
      if (left > room && !isFirst && splitAt === undefined) break;
      // A request that finds an empty run is not made smaller than it need be: alone it would not be either.
      const rows = Math.min(left, isFirst ? (splitAt ?? left) : room);
      parts.push({ request: entry.request, start: entry.taken, rows });
      entry.taken += rows;
      this.#rows -= rows;
      room -= rows;
      if (entry.taken === entry.rows) this.#entries.delete(entry);
      if (room <= 0) break;
    }
    return parts;
  }
}
