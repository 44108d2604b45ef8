import { ServingError } from "@servable/core";
import type { Call } from "../../portable/run/session.js";

/** A call that somebody waits for. */
export interface WaitingCall<T> {
  readonly call: Call;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** Calls in the order in which they came. A call that aborts fails at once, wherever it is. */
export class CallQueue<T> {
  readonly #limit: number;
  readonly #waiting = new Set<WaitingCall<T>>();

  /** @param limit calls that may wait */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Adds a call.
   * @throws ServingError RESOURCE_EXHAUSTED if too many wait; the reason of `signal` when it aborts
   */
  async add(call: Call, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.#waiting.size >= this.#limit) {
      throw new ServingError("RESOURCE_EXHAUSTED", `${this.#limit} calls wait already; send fewer at a time`);
    }
    let abort: (() => void) | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        const waiting = { call, resolve, reject };
        this.#waiting.add(waiting);
        abort = () => {
          this.#waiting.delete(waiting);
          reject(signal?.reason);
        };
        signal?.addEventListener("abort", abort, { once: true });
      });
    } finally {
      if (abort !== undefined) signal?.removeEventListener("abort", abort);
    }
  }

  /** Takes the call that has waited longest. */
  next(): WaitingCall<T> | undefined {
    for (const waiting of this.#waiting) {
      this.#waiting.delete(waiting);
      return waiting;
    }
    return undefined;
  }

  /** Fails what waits. */
  fail(error: unknown): void {
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }
}
