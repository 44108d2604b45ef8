import { from, NEVER, type Observable, type ObservableInput } from "rxjs";
import { type Clock, LONGEST_TIMER_MS, systemClock } from "../clock.js";
import { ServingError } from "../errors.js";
import type { AspiredVersions } from "./source.js";

/** What a look is taken with. */
export interface LookContext {
  /** Aborts when nobody waits for the look any more, or it takes longer than `timeoutMs`. */
  readonly signal: AbortSignal;
  /**
   * Asks for the next look after at most `delayMs` milliseconds; of several wishes the shortest counts.
   * @throws RangeError if it is negative
   */
  readonly lookAgainWithin: (delayMs: number) => void;
  /** Tells `onWarning` of trouble that the look lives with, once while look after look says the same. */
  readonly warn: (text: string) => void;
}

/** All lists that a look has found, or undefined if nothing has changed since the last look. */
export type Finds<D, N extends string = string> = readonly AspiredVersions<D, N>[] | AspiredVersions<D, N> | undefined;

/** Options of `pollSource`. */
export interface PollOptions<D, N extends string = string> {
  /** What warnings and errors call the source: its model, or the place where it looks. */
  readonly name: string;
  /** Looks at everything once. It may fail: that empties no list. */
  readonly look: (context: LookContext) => Promise<Finds<D, N>>;
  /** Looks once and completes; a failure is then the end. @defaultValue false */
  readonly once?: boolean | undefined;
  /**
   * The pause after a look that brought something new, and after a first failure, in milliseconds; it doubles while
   * looks bring nothing new, or fail. @defaultValue 1_000, or `maxMs` if that is shorter
   */
  readonly minMs?: number | undefined;
  /** No pause is longer, in milliseconds. @defaultValue 30_000, or `minMs` if that is longer */
  readonly maxMs?: number | undefined;
  /** How much of a pause is left to chance, from 0 to 1, so that many sources do not look in step. @defaultValue 0.1 */
  readonly jitter?: number | undefined;
  /**
   * How long a look may take, in milliseconds, before it is aborted and has failed; Infinity for no limit.
   * @defaultValue 60_000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Each emission is a hint that a look would find something new. An error means that hints have to be asked for anew:
   * it is subscribed to again before the next look. @defaultValue no hints
   */
  readonly hint$?: ObservableInput<unknown> | undefined;
  /** Told, once per change, of what stands in the way. @defaultValue nobody; a failure is in the notes as well */
  readonly onWarning?: ((text: string) => void) | undefined;
  /** Time. @defaultValue the runtime's own */
  readonly clock?: Clock | undefined;
  /** Gives random numbers from 0 to 1 for jitter. @defaultValue Math.random */
  readonly random?: (() => number) | undefined;
}

/** {@link PollOptions} with every default filled in. */
export interface PollSettings<D, N extends string> {
  readonly name: string;
  readonly look: (context: LookContext) => Promise<Finds<D, N>>;
  readonly once: boolean;
  readonly minMs: number;
  readonly maxMs: number;
  readonly jitter: number;
  readonly timeoutMs: number;
  readonly hint$: Observable<unknown>;
  readonly onWarning: (text: string) => void;
  readonly clock: Clock;
  readonly random: () => number;
}

/** @throws ServingError INVALID_ARGUMENT for an option that cannot be meant */
export function resolvePollOptions<D, N extends string>(options: PollOptions<D, N>): PollSettings<D, N> {
  const { name, look, once = false, maxMs: longestMs = 30_000, jitter = 0.1, timeoutMs = 60_000 } = options;
  const { minMs = Math.min(1_000, longestMs), maxMs = Math.max(longestMs, minMs) } = options;
  const { hint$ = NEVER, onWarning = () => {}, clock = systemClock, random = Math.random } = options;
  const check = (good: boolean, text: string): void => {
    if (!good) throw new ServingError("INVALID_ARGUMENT", `pollSource(${JSON.stringify(name)}): ${text}`);
  };
  const isTime = (value: number): boolean => Number.isFinite(value) && value > 0 && value <= LONGEST_TIMER_MS;
  check(typeof name === "string" && name !== "", "name must be a text to call the source by");
  check(typeof look === "function", "look must be a function");
  for (const [option, value] of Object.entries({ maxMs: longestMs, minMs })) {
    check(isTime(value), `${option} must be more than 0 and at most ${LONGEST_TIMER_MS}, got ${value}`);
  }
  check(maxMs >= minMs, `maxMs must not be shorter than minMs, ${minMs}, got ${maxMs}`);
  check(Number.isFinite(jitter) && jitter >= 0 && jitter <= 1, `jitter must be from 0 to 1, got ${jitter}`);
  check(
    timeoutMs === Number.POSITIVE_INFINITY || isTime(timeoutMs),
    `timeoutMs must be Infinity, or more than 0 and at most ${LONGEST_TIMER_MS}, got ${timeoutMs}`,
  );
  return { name, look, once, minMs, maxMs, jitter, timeoutMs, hint$: from(hint$), onWarning, clock, random };
}
