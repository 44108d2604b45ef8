import type { Clock, Tensor } from "@servable/core";
import type { Call } from "../call.js";
import { timedOut } from "./timed-out.js";

/** Tensors by output name. */
export type Outputs = Record<string, Tensor>;

/** How long a call is waited for. */
export interface CallLimits {
  readonly signal: AbortSignal | undefined;
  /** From now to the answer; infinity for no limit. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** A call on its way to an answer. It fails at once when it aborts or takes too long, wherever it is then. */
export class PendingCall {
  readonly call: Call;
  readonly answer: Promise<Outputs>;
  /** Called when nobody waits for the answer any more, though it has not come. */
  onGivenUp: () => void = () => {};
  #resolve: (outputs: Outputs) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #settled = false;
  readonly #stopWaiting: () => void;

  /** @throws the reason of `limits.signal` if it has aborted */
  constructor(call: Call, { signal, timeoutMs, clock }: CallLimits) {
    signal?.throwIfAborted();
    this.call = call;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const abort = (): void => this.giveUp(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    const stopClock = Number.isFinite(timeoutMs)
      ? clock.schedule(() => this.giveUp(timedOut(timeoutMs)), timeoutMs)
      : undefined;
    this.#stopWaiting = () => {
      signal?.removeEventListener("abort", abort);
      stopClock?.();
    };
  }

  /** Whether nobody waits for an answer any more. */
  get settled(): boolean {
    return this.#settled;
  }

  resolve(outputs: Outputs): void {
    if (this.#settle()) this.#resolve(outputs);
  }

  reject(error: unknown): void {
    if (this.#settle()) this.#reject(error);
  }

  /** Fails the call while somebody may still work on it. */
  giveUp(error: unknown): void {
    if (!this.#settle()) return;
    this.#reject(error);
    this.onGivenUp();
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#stopWaiting();
    return true;
  }
}
