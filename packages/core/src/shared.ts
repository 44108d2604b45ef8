import { ServingError } from "./errors.js";

/** What the factory of a shared resource makes: the value, and how it is released. */
export interface SharedValue<T> extends AsyncDisposable {
  readonly value: T;
}

/** State that several models or versions hold together: made for the first holder, released after the last. */
export interface Shared<T> {
  /** Names it in messages. */
  readonly key: string;
  /** How many hold it, or wait for it. */
  readonly holders: number;
  /**
   * Holds the value until the result is disposed. All who ask while it is being made wait for the same one; if that
   * fails, all of them fail, and the next to ask tries anew.
   * @throws what the factory throws; the reason of `signal` when it aborts
   */
  hold(signal?: AbortSignal): Promise<SharedValue<T>>;
}

/** Makes the value; `signal` aborts when nobody waits for it any more. */
export type SharedFactory<T> = (signal: AbortSignal) => SharedValue<T> | Promise<SharedValue<T>>;

/**
 * A reference-counted resource: one vocabulary for two models, a base table under the deltas of several versions.
 * Loaders hold it in `load` and give it back when what they loaded is disposed.
 */
export function shared<T>(key: string, factory: SharedFactory<T>): Shared<T> {
  let current: Life<T> | undefined;
  /** The end of the life before: nothing is made while its predecessor still holds what both may need. */
  let gone: Promise<unknown> = Promise.resolve();

  const begin = (): Life<T> => {
    const abort = new AbortController();
    const life: Life<T> = { abort, holders: 0, made: gone.then(() => factory(abort.signal)) };
    life.made.catch(() => {
      if (current === life) current = undefined;
    });
    return life;
  };

  const leave = async (life: Life<T>): Promise<void> => {
    life.holders--;
    if (life.holders > 0) return;
    if (current === life) current = undefined;
    life.abort.abort(new ServingError("CANCELLED", `${key}: nobody waits for it any more`));
    const released = life.made.then(
      (made) => made[Symbol.asyncDispose](),
      () => {},
    );
    gone = released.catch(() => {});
    await released;
  };

  return {
    key,
    get holders() {
      return current?.holders ?? 0;
    },
    async hold(signal) {
      signal?.throwIfAborted();
      current ??= begin();
      const life = current;
      life.holders++;
      try {
        const { value } = await orAborted(life.made, signal);
        let left: Promise<void> | undefined;
        return { value, [Symbol.asyncDispose]: () => (left ??= leave(life)) };
      } catch (error) {
        // Not waited for: a factory that does not hear the abort would keep its caller.
        void leave(life);
        throw error;
      }
    },
  };
}

/** From the first holder to the last. */
interface Life<T> {
  readonly made: Promise<SharedValue<T>>;
  readonly abort: AbortController;
  holders: number;
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
