import { ServingError } from "@servable/core";
import type { Cancellation } from "@servable/inference";

/** A call whose time runs. */
export interface Deadline {
  readonly dueMs: number;
  readonly model: string;
  readonly cancellation: Cancellation;
}

/**
 * Cancels calls when their time is over. All have the same, so that they are due in the order in which they began: one
 * timer does for all of them, and a call costs none.
 */
export class Deadlines {
  readonly #timeoutMs: number;
  readonly #running = new Set<Deadline>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  start(model: string, cancellation: Cancellation): Deadline {
    const deadline = { dueMs: performance.now() + this.#timeoutMs, model, cancellation };
    this.#running.add(deadline);
    if (this.#timer === undefined) this.#timer = this.#wake(this.#timeoutMs);
    return deadline;
  }

  /** The call has ended; the timer stays, for the next. */
  end(deadline: Deadline): void {
    this.#running.delete(deadline);
  }

  #wake(inMs: number): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => this.#look(), inMs);
    // Where timers hold a process, this one does not: the requests that it is about do.
    if (typeof timer === "object" && "unref" in timer) timer.unref();
    return timer;
  }

  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const deadline of this.#running) {
      if (deadline.dueMs > now) {
        this.#timer = this.#wake(Math.ceil(deadline.dueMs - now));
        return;
      }
      this.#running.delete(deadline);
      const message = `${deadline.model} did not answer within ${this.#timeoutMs} ms`;
      deadline.cancellation.cancel(new ServingError("DEADLINE_EXCEEDED", message));
    }
  }
}
