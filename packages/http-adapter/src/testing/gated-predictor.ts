import type { Predictor, Tensor } from "@servable/core";
import { fakePredictor } from "./served.js";

/** One call that waits behind its gate. */
export interface GatedCall {
  readonly signal: AbortSignal | undefined;
  /** Lets the call answer with its inputs. */
  open(): void;
}

/** A predictor whose calls are answered when a test says so. */
export interface GatedPredictor {
  readonly predictor: Predictor;
  /** Resolves with the next call that has not been taken. */
  next(): Promise<GatedCall>;
}

/** Makes a {@link GatedPredictor} of one input `x` that answers with it; an abort is ignored unless a test looks. */
export function gatedPredictor(): GatedPredictor {
  const calls: GatedCall[] = [];
  const takers: ((call: GatedCall) => void)[] = [];
  const arrive = (call: GatedCall): void => {
    const taker = takers.shift();
    if (taker === undefined) calls.push(call);
    else taker(call);
  };
  const predictor = fakePredictor(
    { x: ["float32", [-1]] },
    { x: ["float32", [-1]] },
    (inputs, options) =>
      new Promise<Record<string, Tensor>>((resolve) => {
        arrive({ signal: options?.signal, open: () => resolve({ ...inputs }) });
      }),
  );
  return {
    predictor,
    next() {
      const call = calls.shift();
      return call === undefined ? new Promise((resolve) => takers.push(resolve)) : Promise.resolve(call);
    },
  };
}
