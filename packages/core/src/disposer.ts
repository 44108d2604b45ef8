/**
 * Collects what must be released and releases it once, in reverse order, to the end: our small DisposableStack, which
 * Node 20 lacks.
 */
export class Disposer implements AsyncDisposable {
  readonly #releases: (() => unknown)[] = [];
  #done: Promise<void> | undefined;

  /** Registers `release`; on a disposer that is already disposed it runs at once. */
  defer(release: () => unknown): void {
    if (this.#done === undefined) this.#releases.push(release);
    else void Promise.resolve().then(release);
  }

  /** @throws AggregateError with everything that failed, after all has been tried */
  [Symbol.asyncDispose](): Promise<void> {
    this.#done ??= this.#run();
    return this.#done;
  }

  async #run(): Promise<void> {
    const errors: unknown[] = [];
    for (let release = this.#releases.pop(); release !== undefined; release = this.#releases.pop()) {
      try {
        await release();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} of the releases failed`);
  }
}
