import { type Clock, systemClock } from "../clock.js";
import type { ServingError } from "../errors.js";
import type { AspiredVersionPolicy } from "../policy/aspired-version-policy.js";
import { availabilityPreserving } from "../policy/availability-preserving.js";
import { throwLater } from "../throw-later.js";
import { type OnDemandOptions, type ResolvedOnDemand, resolveOnDemand } from "./demand.js";
import { requireAtLeast } from "./require-at-least.js";
import type { ResourceLimits } from "./resource-ledger.js";
import { type RetryOptions, resolveRetry } from "./retry.js";

/** Options of `createManager`. */
export interface ManagerOptions {
  /** Decides what to load and unload next, per name. @defaultValue availabilityPreserving() */
  readonly policy?: AspiredVersionPolicy;
  /** Loads that may run at once over all names. @defaultValue 2 */
  readonly loadConcurrency?: number;
  /** Unloads that may run at once over all names. @defaultValue 2 */
  readonly unloadConcurrency?: number;
  /**
   * What all loaded versions may take together, as their loaders estimate it. A load that does not fit waits; one that
   * never can fails. @defaultValue no limit
   */
  readonly limits?: ResourceLimits;
  /**
   * Loads versions when they are first borrowed, instead of at once. What a source lists is then eligible; `borrow`,
   * `use` and predictions over the wire load it, many callers share one load, and what nobody uses is unloaded when
   * room is needed, the longest unused first. @defaultValue versions are loaded at once
   */
  readonly onDemand?: OnDemandOptions;
  /** After how long handles that keep a version from being unloaded are told of in `events$`. @defaultValue 60_000 */
  readonly drainWarningMs?: number;
  /** Remembers where each handle was taken, to find the one that is not given back; costly. @defaultValue false */
  readonly traceHandles?: boolean;
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
export interface ResolvedManagerOptions extends Required<Omit<ManagerOptions, "retry" | "onDemand">> {
  readonly onDemand: ResolvedOnDemand | undefined;
  readonly retry: Required<RetryOptions>;
}

/** @throws RangeError for a value out of its range */
export function resolveManagerOptions(options: ManagerOptions = {}): ResolvedManagerOptions {
  const {
    policy = availabilityPreserving(),
    loadConcurrency = 2,
    unloadConcurrency = 2,
    limits = {},
    drainWarningMs = 60_000,
    traceHandles = false,
    onDemand,
    retry,
    onError = throwLater,
    clock = systemClock,
    random = Math.random,
  } = options;
  requireAtLeast(1, { loadConcurrency, unloadConcurrency });
  requireAtLeast(0, { drainWarningMs });
  const times = { drainWarningMs, retry: resolveRetry(retry), clock, random };
  return {
    policy,
    loadConcurrency,
    unloadConcurrency,
    limits,
    traceHandles,
    onError,
    ...times,
    onDemand: onDemand && resolveOnDemand(onDemand),
  };
}
