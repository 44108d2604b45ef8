import type { ServingError } from "../errors.js";
import type { AspiredVersionPolicy } from "../policy/aspired-version-policy.js";
import { availabilityPreserving } from "../policy/availability-preserving.js";
import { type Clock, systemClock } from "./clock.js";
import { type RetryOptions, resolveRetry } from "./retry.js";

/** Options of `createManager`. */
export interface ManagerOptions {
  /** Decides what to load and unload next, per name. @defaultValue availabilityPreserving() */
  readonly policy?: AspiredVersionPolicy;
  /** Loads that may run at once over all names. @defaultValue 2 */
  readonly loadConcurrency?: number;
  /** How failed loads are tried again. Errors that are not retryable are not. */
  readonly retry?: RetryOptions;
  /**
   * Told of what has no other place: a policy that throws, a name that two sources claim, a source that died.
   * @defaultValue an error without a listener is thrown in a task of its own, so that the process hears of it
   */
  readonly onError?: (error: ServingError) => void;
  /** Time. @defaultValue the runtime's own */
  readonly clock?: Clock;
  /** Gives random numbers from 0 to 1 for jitter. @defaultValue Math.random */
  readonly random?: () => number;
}

/** {@link ManagerOptions} with every default filled in. */
export interface ResolvedManagerOptions extends Required<Omit<ManagerOptions, "retry">> {
  readonly retry: Required<RetryOptions>;
}

/** @throws RangeError for a value out of its range */
export function resolveManagerOptions(options: ManagerOptions = {}): ResolvedManagerOptions {
  const {
    policy = availabilityPreserving(),
    loadConcurrency = 2,
    retry,
    onError = throwLater,
    clock = systemClock,
    random = Math.random,
  } = options;
  if (!(loadConcurrency >= 1)) throw new RangeError(`loadConcurrency must be at least 1, got ${loadConcurrency}`);
  return { policy, loadConcurrency, retry: resolveRetry(retry), onError, clock, random };
}

function throwLater(error: ServingError): void {
  setTimeout(() => {
    throw error;
  });
}
