import { ServingError } from "@servable/core";
import type { Call } from "../call.js";
import { type CallLimits, PendingCall } from "./pending-call.js";

/** Calls in the order in which they came. */
export class CallQueue {
  readonly #limit: number;
  readonly #waiting = new Set<PendingCall>();

  /** @param limit calls that may wait */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /**
   * Adds a call.
   * @throws ServingError RESOURCE_EXHAUSTED if too many wait; the reason of the signal if it has aborted
   */
  add(call: Call, limits: CallLimits): PendingCall {
    if (this.#waiting.size >= this.#limit) {
      throw new ServingError("RESOURCE_EXHAUSTED", `${this.#limit} calls wait already; send fewer at a time`);
    }
    const pending = new PendingCall(call, limits);
    this.#waiting.add(pending);
    this.#forgetWhenGivenUp(pending);
    return pending;
  }

  /** Takes the call that has waited longest. */
  next(): PendingCall | undefined {
    for (const pending of this.#waiting) {
      this.#waiting.delete(pending);
      return pending;
    }
    return undefined;
  }

  /** Puts a call that was taken before all others. */
  putBack(pending: PendingCall): void {
    const others = [...this.#waiting];
    this.#waiting.clear();
    for (const each of [pending, ...others]) this.#waiting.add(each);
    this.#forgetWhenGivenUp(pending);
  }

  /** Fails what waits. */
  fail(error: unknown): void {
    for (const pending of this.#waiting) pending.reject(error);
    this.#waiting.clear();
  }

  #forgetWhenGivenUp(pending: PendingCall): void {
    pending.onGivenUp = () => this.#waiting.delete(pending);
  }
}
