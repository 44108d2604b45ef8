/**
 * An abort that is cheap until somebody looks: making an AbortSignal costs more than a small model's call, and most calls
 * end without one. Adapters give it in place of a signal.
 */
export class Cancellation {
  #controller: AbortController | undefined;
  #aborted = false;
  #reason: unknown;
  #onCancel: ((reason: unknown) => void) | undefined;

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  /** The same as a signal, which is made now if it was not before. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Aborts; the first reason counts. */
  cancel(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
    this.#onCancel?.(reason);
  }

  /** Takes one more who is told of the abort, after the signal's listeners: at once, if it has happened. */
  whenCancelled(listener: (reason: unknown) => void): void {
    if (this.#aborted) return listener(this.#reason);
    const before = this.#onCancel;
    this.#onCancel =
      before === undefined
        ? listener
        : (reason) => {
            before(reason);
            listener(reason);
          };
  }
}

/** What ends a call early. */
export type CallSignal = AbortSignal | Cancellation;

/** The signal itself, for who needs one. */
export function signalOf(signal: CallSignal): AbortSignal {
  return signal instanceof Cancellation ? signal.signal : signal;
}
