import { type Clock, ServingError, type Tensor } from "@servable/core";
import type { Call } from "../call.js";
import { CallQueue } from "../engine/call-queue.js";
import type { EngineModel } from "../engine/engine.js";
import type { LimitOptions } from "../engine/limits.js";
import type { PendingCall } from "../engine/pending-call.js";
import type { RunEnd } from "./session.js";
import type { Job, Lane, Turnstile } from "./turnstile.js";

/** What runs calls, as {@link NativeSession} does. */
export interface Runner {
  start(call: Call, done: (end: RunEnd) => void): void;
  /** Ends what still runs, and frees all. */
  close(): Promise<void>;
}

/** How calls of a model are queued. */
export interface QueueOptions extends Required<LimitOptions> {
  readonly maxCallsInFlight: number;
  readonly seats: Turnstile;
  readonly clock: Clock;
}

/**
 * Calls of one model on their way to a session: so many at once, the others wait for their turn.
 * A call that is given up while it runs keeps its seat until the session is done with it.
 */
export class NativeCalls implements Pick<EngineModel, "run" | "close"> {
  readonly #runner: Runner;
  readonly #options: QueueOptions;
  readonly #queue: CallQueue;
  readonly #lane: Lane;
  readonly #running = new Set<PendingCall>();
  #closing: Promise<void> | undefined;

  constructor(runner: Runner, options: QueueOptions) {
    this.#runner = runner;
    this.#options = options;
    this.#queue = new CallQueue(options.maxQueuedCalls);
    this.#lane = { limit: options.maxCallsInFlight, next: () => this.#next() };
  }

  /** Calls that the session has. */
  get inFlight(): number {
    return this.#running.size;
  }

  /**
   * Runs a call.
   * @throws the reason of `signal` when it aborts; ServingError otherwise
   */
  async run(call: Call, signal?: AbortSignal): Promise<Record<string, Tensor>> {
    if (this.#closing !== undefined) throw unloaded();
    // Nothing is to be computed, and TensorFlow would refuse to.
    if (call.outputs.length === 0) return {};
    const { timeoutMs, clock, seats } = this.#options;
    const { answer } = this.#queue.add(call, { signal, timeoutMs, clock });
    seats.wake(this.#lane);
    return answer;
  }

  /** Fails the calls that wait, lets those end that run and are waited for, then closes the session. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#queue.fail(unloaded());
    await Promise.allSettled([...this.#running].map(({ answer }) => answer));
    await this.#runner.close();
  }

  #next(): Job | undefined {
    const pending = this.#queue.next();
    return pending && ((ended) => this.#start(pending, ended));
  }

  #start(pending: PendingCall, ended: () => void): void {
    const over = (end: RunEnd): void => {
      this.#running.delete(pending);
      // The next call begins before this one's results are read.
      ended();
      settle(pending, end);
    };
    this.#running.add(pending);
    try {
      this.#runner.start(pending.call, over);
    } catch (error) {
      over(() => {
        throw error;
      });
    }
  }
}

function settle(pending: PendingCall, end: RunEnd): void {
  try {
    pending.resolve(end());
  } catch (error) {
    pending.reject(error);
  }
}

function unloaded(): ServingError {
  return new ServingError("CANCELLED", "the model is unloaded");
}
