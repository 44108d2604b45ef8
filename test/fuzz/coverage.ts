import { type Profiler, Session } from "node:inspector";

/** Which blocks of a script run, as V8 counts them. */
export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<number>();
  readonly #isOurs: (url: string) => boolean;

  /** @param isOurs says of a script whether its blocks count */
  constructor(isOurs: (url: string) => boolean) {
    this.#isOurs = isOurs;
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** Blocks that have run so far. */
  get blocks(): number {
    return this.#seen.size;
  }

  /** Whether a block has run since the last call that had not run before. */
  hasNew(options: { readonly remember: boolean }): boolean {
    let found = false;
    for (const block of this.#take()) {
      if (this.#seen.has(block)) continue;
      found = true;
      if (!options.remember) break;
      this.#seen.add(block);
    }
    return found;
  }

  /** The blocks that have run since the last call, as numbers. */
  #take(): number[] {
    let blocks: number[] = [];
    // With a session in this very thread the answer is there when `post` returns.
    this.#session.post("Profiler.takePreciseCoverage", (error, coverage) => {
      if (error !== null) throw new Error("V8 gives no coverage", { cause: error });
      blocks = coverage.result.filter(({ url }) => this.#isOurs(url)).flatMap(blocksOf);
    });
    return blocks;
  }
}

/** Scripts are a few megabytes at most. */
const OFFSETS = 2 ** 25;

/** A block is where it begins, and the function that it is in. */
function blocksOf({ functions }: Profiler.ScriptCoverage): number[] {
  return functions.flatMap(({ ranges }) => {
    const [whole] = ranges;
    if (whole === undefined || whole.count === 0) return [];
    return ranges.flatMap(({ startOffset, count }) => (count > 0 ? [whole.startOffset * OFFSETS + startOffset] : []));
  });
}
