import type { Coverage } from "./coverage.js";
import { mutate } from "./mutate.js";
import { Random } from "./random.js";
import type { Target } from "./target.js";

/** Inputs between two looks at the coverage, which take longer than a small input: more while nothing is new. */
const MIN_BATCH = 32;
const MAX_BATCH = 2_048;

/** What a fuzzer needs from outside. */
export interface FuzzerOptions {
  readonly target: Target;
  readonly seed: number;
  readonly coverage: Coverage;
  /** Runs one input. @throws Fault if it fails as it must not */
  readonly execute: (input: Uint8Array) => Promise<void>;
}

/** Makes inputs out of inputs, and keeps those that reach what no other reached. */
export class Fuzzer {
  readonly #options: FuzzerOptions;
  readonly #random: Random;
  readonly #corpus: Uint8Array[] = [];
  #executions = 0;
  #batch = MIN_BATCH;

  constructor(options: FuzzerOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
  }

  /** How far it got. */
  get progress(): { readonly executions: number; readonly corpus: number; readonly blocks: number } {
    return { executions: this.#executions, corpus: this.#corpus.length, blocks: this.#options.coverage.blocks };
  }

  /** Runs what there is to begin with. @throws Fault of the first that fails */
  async begin(): Promise<void> {
    for (const seed of this.#options.target.seeds()) {
      await this.#run([seed]);
      this.#corpus.push(seed);
    }
    this.#options.coverage.hasNew({ remember: true });
  }

  /** Runs a batch of new inputs. @throws Fault of the first that fails */
  async step(): Promise<void> {
    const batch = Array.from({ length: this.#batch }, () => this.#make());
    await this.#run(batch);
    const isNew = this.#options.coverage.hasNew({ remember: false });
    this.#batch = isNew ? Math.max(MIN_BATCH, this.#batch >> 2) : Math.min(MAX_BATCH, this.#batch * 2);
    if (isNew) await this.#keep(batch);
  }

  #make(): Uint8Array {
    const { target } = this.#options;
    const random = this.#random;
    const input = mutate(this.#parent(), { ...target, random, other: this.#parent() });
    return target.repair === undefined || random.oneIn(8) ? input : target.repair(input);
  }

  /** The newer and the smaller ones more often: the best of three. */
  #parent(): Uint8Array {
    const random = this.#random;
    const size = this.#corpus.length;
    const recent = (): number => (random.oneIn(3) ? size - 1 - random.below(Math.min(size, 32)) : random.below(size));
    const [first = new Uint8Array(1), ...rest] = [recent(), recent(), recent()].map((at) => this.#corpus[at]);
    return rest.reduce<Uint8Array>(
      (best, each) => (each !== undefined && each.length < best.length ? each : best),
      first,
    );
  }

  async #run(batch: readonly Uint8Array[]): Promise<void> {
    for (const input of batch) {
      this.#executions++;
      await this.#options.execute(input);
    }
  }

  /** Finds those of a batch that reached something new, by halves. */
  async #keep(batch: readonly Uint8Array[]): Promise<void> {
    if (batch.length === 1) {
      await this.#run(batch);
      if (this.#options.coverage.hasNew({ remember: true })) this.#corpus.push(...batch);
      return;
    }
    const middle = batch.length >> 1;
    for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
      await this.#run(half);
      if (this.#options.coverage.hasNew({ remember: false })) await this.#keep(half);
    }
  }
}
