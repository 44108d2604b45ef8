import { ServingError } from "../errors.js";
import { DEFAULT_SIGNATURE, type NamedTensors, type Predictor } from "../predictor.js";

/** A call that warms a predictor up; what it gives is dropped. */
export interface WarmUpCall {
  readonly inputs: NamedTensors;
  /** @defaultValue "serving_default" */
  readonly signature?: string;
  /** Names of the outputs wanted. @defaultValue all of the signature */
  readonly outputs?: readonly string[];
}

/** Options of {@link warmed}. */
export interface ReplayOptions {
  /** Runs of each call, one after another. @defaultValue 1 */
  readonly iterations?: number;
  /**
   * Runs of each call at once: as many as the predictor has copies of itself, in worker threads say, each of which must
   * get warm. @defaultValue 1
   */
  readonly copies?: number;
}

/**
 * Options with their defaults.
 * @throws ServingError INVALID_ARGUMENT for one that is no positive integer
 */
export function resolveReplay({ iterations = 1, copies = 1 }: ReplayOptions): Required<ReplayOptions> {
  for (const [name, value] of Object.entries({ iterations, copies })) {
    if (Number.isSafeInteger(value) && value > 0) continue;
    throw new ServingError("INVALID_ARGUMENT", `${name} of a warm-up must be a positive integer, got ${value}`);
  }
  return { iterations, copies };
}

/**
 * Makes calls of a predictor one after another and drops what they give.
 * @returns how many calls there were
 * @throws the reason of `signal` when it aborts; ServingError for the first call that fails, which ends the replay: its
 * code, and its place before its message
 */
export async function replay(
  predictor: Predictor,
  calls: Iterable<WarmUpCall>,
  options: ReplayOptions & { readonly signal: AbortSignal },
): Promise<number> {
  const { iterations, copies } = resolveReplay(options);
  const { signal } = options;
  let count = 0;
  for (const call of calls) {
    for (let left = iterations; left > 0; left--) {
      signal.throwIfAborted();
      // All are waited for, so that none runs on in what is disposed after a failure.
      const runs = await Promise.allSettled(Array.from({ length: copies }, () => run(predictor, call, signal)));
      signal.throwIfAborted();
      for (const outcome of runs) if (outcome.status === "rejected") throw failed(outcome.reason, call, count);
    }
    count++;
  }
  return count;
}

async function run(predictor: Predictor, { inputs, ...options }: WarmUpCall, signal: AbortSignal): Promise<void> {
  await predictor.predict(inputs, { ...options, signal });
}

function failed(reason: unknown, { signature = DEFAULT_SIGNATURE }: WarmUpCall, index: number): ServingError {
  const { code, message, retryable } = ServingError.from(reason, "INTERNAL");
  const place = `warm-up call ${index}, signature ${signature}`;
  return new ServingError(code, `${place}: ${message}`, { cause: reason, retryable });
}
