/** What an older measurement weighs against the next one. */
const DECAY = 0.9;

/**
 * What a run takes by its number of rows, learned from runs: a fixed part and a part per row, fitted by least squares in
 * which older runs weigh less and less.
 */
export class RunTime {
  #largest = 0;
  // Decayed sums of 1, rows, rows squared, time, and rows times time.
  #weight = 0;
  #rows = 0;
  #squares = 0;
  #time = 0;
  #products = 0;
  /** The line through what is known, kept since it is asked for more often than it changes. */
  #line: Line = { fixedMs: 0, rowMs: 0 };

  /** The rows of the largest run so far. */
  get largest(): number {
    return this.#largest;
  }

  /** Notes that a run of so many rows took so long. */
  learn(rows: number, ms: number): void {
    this.#largest = Math.max(this.#largest, rows);
    this.#weight = DECAY * this.#weight + 1;
    this.#rows = DECAY * this.#rows + rows;
    this.#squares = DECAY * this.#squares + rows * rows;
    this.#time = DECAY * this.#time + ms;
    this.#products = DECAY * this.#products + rows * ms;
    this.#line = this.#fit();
  }

  /** What a run of so many rows is expected to take, in milliseconds; 0 before the first. */
  expect(rows: number): number {
    const { fixedMs, rowMs } = this.#line;
    return fixedMs + rowMs * rows;
  }

  /** The most rows that are expected to take no longer than `ms`; infinity where rows cost nothing. */
  rowsWithin(ms: number): number {
    const { fixedMs, rowMs } = this.#line;
    if (rowMs <= 0) return fixedMs <= ms ? Number.POSITIVE_INFINITY : 0;
    // What is meant to fit exactly is not to fail by the last bit.
    return Math.max(0, Math.floor(((ms - fixedMs) / rowMs) * (1 + 1e-9)));
  }

  #fit(): Line {
    const spread = this.#weight * this.#squares - this.#rows * this.#rows;
    // All of one size: nothing tells the parts apart, and taking all for the rows' part errs to the safe side.
    const throughZero = { fixedMs: 0, rowMs: this.#products / this.#squares };
    if (spread <= 1e-6 * this.#weight * this.#squares) return throughZero;
    const rowMs = (this.#weight * this.#products - this.#rows * this.#time) / spread;
    if (rowMs <= 0) return { fixedMs: this.#time / this.#weight, rowMs: 0 };
    const fixedMs = (this.#time - rowMs * this.#rows) / this.#weight;
    return fixedMs < 0 ? throughZero : { fixedMs, rowMs };
  }
}

interface Line {
  readonly fixedMs: number;
  readonly rowMs: number;
}
