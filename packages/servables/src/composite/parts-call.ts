import {
  type Dependency,
  formatId,
  type Handle,
  isPredictor,
  type LoadContext,
  type Predictor,
  ServingError,
} from "@servable/core";
import { nameError } from "../name-error.js";
import type { Part } from "./part.js";

/** The parts of a composite for one call, each borrowed once, so that one version of each serves the whole call. */
export interface PartsCall<K extends string> {
  readonly parts: Readonly<Record<K, Part>>;
  /** Aborts when the caller's does, and when the call is over; parts are called with it. */
  readonly signal: AbortSignal;
  /**
   * Ends the call: what the parts still work on is aborted, and they are given back when it has settled. Once is
   * enough, and has to be.
   */
  end(): void;
}

/** What is borrowed, and for how long at most. */
export interface PartsRequest<K extends string> {
  readonly dependencies: Readonly<Record<K, Dependency>>;
  readonly signal: AbortSignal | undefined;
}

/**
 * Borrows all parts, synchronously; if one cannot be had, none is kept.
 * @throws ServingError what `Parts.acquire` throws; FAILED_PRECONDITION, with the part's name, for one that is no
 * predictor
 */
export function borrowParts<K extends string>(
  servables: LoadContext["servables"],
  { dependencies, signal }: PartsRequest<K>,
): PartsCall<K> {
  const hold = new Hold();
  const abort = new AbortController();
  const hear = (): void => abort.abort(signal?.reason);
  try {
    const parts = Object.entries<Dependency>(dependencies).map(([key, dependency]): [string, Part] => {
      const handle = hold.take(key, () => servables.acquire(dependency));
      return [key, partOf({ key, handle, hold, signal: abort.signal })];
    });
    signal?.addEventListener("abort", hear, { once: true });
    if (signal?.aborted === true) hear();
    return {
      // The entries are those of `dependencies`, whose keys K are.
      parts: Object.fromEntries(parts) as Record<K, Part>,
      signal: abort.signal,
      end() {
        signal?.removeEventListener("abort", hear);
        hold.end();
        abort.abort(new ServingError("CANCELLED", "the call of the composite is over"));
      },
    };
  } catch (error) {
    hold.end();
    throw error;
  }
}

/** The handles of a call: given back once the call has ended and no part works on it any more. */
class Hold {
  readonly #handles: Handle<unknown>[] = [];
  #working = 0;
  #isOver = false;

  get isOver(): boolean {
    return this.#isOver;
  }

  take(key: string, acquire: () => Handle<unknown>): Handle<unknown> {
    try {
      const handle = acquire();
      this.#handles.push(handle);
      return handle;
    } catch (error) {
      throw nameError(error, key, "INTERNAL");
    }
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#working++;
    try {
      return await work();
    } finally {
      this.#working--;
      this.#giveBack();
    }
  }

  end(): void {
    this.#isOver = true;
    this.#giveBack();
  }

  #giveBack(): void {
    if (!this.#isOver || this.#working > 0) return;
    for (const handle of this.#handles.splice(0)) handle.release();
  }
}

interface PartFacts {
  readonly key: string;
  readonly handle: Handle<unknown>;
  readonly hold: Hold;
  readonly signal: AbortSignal;
}

function partOf({ key, handle, hold, signal }: PartFacts): Part {
  const { id } = handle;
  const servable = asPredictor(key, handle);
  const place = `${key}: ${formatId(id)}`;
  return {
    id,
    servable,
    signatures: servable.signatures,
    ...(servable.concurrency !== undefined && { concurrency: servable.concurrency }),
    async predict(inputs, options = {}) {
      if (hold.isOver) throw new ServingError("FAILED_PRECONDITION", `${place}: called after the call was over`);
      try {
        signal.throwIfAborted();
        return await hold.during(() => servable.predict(inputs, { ...options, signal: options.signal ?? signal }));
      } catch (error) {
        throw named(error, { key, place });
      }
    },
  };
}

function asPredictor(key: string, { id, servable }: Handle<unknown>): Predictor {
  if (isPredictor(servable)) return servable;
  throw new ServingError(
    "FAILED_PRECONDITION",
    `${key}: ${formatId(id)} is no predictor: its servable has no predict() and signatures`,
  );
}

/** Parts name themselves as a rule, and then are not named twice. */
function named(error: unknown, { key, place }: { readonly key: string; readonly place: string }): ServingError {
  const itself = place.slice(key.length + 2);
  const isNamed = ServingError.is(error) && error.message.startsWith(itself);
  return nameError(error, isNamed ? key : place, "INTERNAL");
}
