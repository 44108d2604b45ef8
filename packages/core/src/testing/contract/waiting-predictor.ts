import type { NamedTensors, PredictOptions, Predictor } from "../../predictor.js";
import type { Tensor } from "../../tensor/tensor.js";
import { short } from "./claim.js";
import { predictorOf } from "./wire-stage.js";

/** A call that waits until a case lets it end. */
export interface WaitingCall {
  readonly signal: AbortSignal | undefined;
  succeed(): void;
  fail(error: unknown): void;
}

/** A predictor whose call waits; `called` resolves with it. */
export interface WaitingPredictor {
  readonly predictor: Predictor;
  readonly called: Promise<WaitingCall>;
}

/** Makes a {@link WaitingPredictor} that gives `x` as `y`. */
export function waitingPredictor(): WaitingPredictor {
  let arrive: (call: WaitingCall) => void = () => {};
  const called = new Promise<WaitingCall>((resolve) => {
    arrive = resolve;
  });
  const predict = (inputs: NamedTensors, { signal }: PredictOptions = {}): Promise<Record<string, Tensor>> =>
    new Promise((resolve, reject) => {
      const { x } = inputs;
      arrive({ signal, succeed: () => resolve(x === undefined ? {} : { y: x }), fail: reject });
    });
  return { predictor: predictorOf(predict), called };
}

/** Holds a rejection back until it is asked for. */
export async function settled<T>(promise: Promise<T>): Promise<() => T> {
  try {
    const value = await promise;
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** The call on a predictor; fails if it is answered without one. */
export function arrived(called: Promise<WaitingCall>, answer: Promise<() => unknown>): Promise<WaitingCall> {
  const answered = answer.then((outcome): never => {
    throw new Error(`it was answered before the predictor was asked: ${short(outcome())}`);
  });
  return Promise.race([called, answered]);
}

/** Resolves when a signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
