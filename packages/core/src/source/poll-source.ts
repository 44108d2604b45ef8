import { Observable, type Subscriber, Subscription } from "rxjs";
import { backOffMs } from "../back-off.js";
import { ServingError } from "../errors.js";
import { throwLater } from "../throw-later.js";
import { makePause, type Pause } from "./pause.js";
import {
  type Finds,
  type LookContext,
  type PollOptions,
  type PollSettings,
  resolvePollOptions,
} from "./poll-options.js";
import { afterLook, initialPollState, type LookOutcome } from "./poll-state.js";
import type { AspiredVersions, Source } from "./source.js";

/**
 * A source that looks again and again, each time after the last look has ended, and emits what differs from what it
 * emitted before: versions, revisions, errors, skipped entries or notes. It is what sources on folders, buckets and
 * registries build on.
 *
 * A look finds everything there is: a name that it found before and leaves out now gets an empty list. A look that
 * fails empties no list and does not end the stream: the last lists are emitted with the failure in their notes, and
 * the source looks again. Pauses begin at `minMs` and double up to `maxMs` while looks fail, or bring nothing new. A
 * hint makes the next look come after a moment (50 ms, in which further hints are the same one); hints during a look
 * make one more look after it. A look that ignores its signal is still waited for, since two never run at once.
 * @throws ServingError INVALID_ARGUMENT for an option that cannot be meant
 */
export function pollSource<D, const N extends string = string>(options: PollOptions<D, N>): Source<D, N> {
  const settings = resolvePollOptions(options);
  return new Observable((subscriber) => {
    const pause = makePause(settings.clock);
    subscriber.add(() => pause.stop());
    keepLooking({ settings, subscriber, pause }).catch((error: unknown) => {
      // A failure after the end is of nobody's interest.
      if (!subscriber.closed) subscriber.error(ServingError.from(error, "NOT_AVAILABLE", settings.name));
    });
  });
}

interface Run<D, N extends string> {
  readonly settings: PollSettings<D, N>;
  readonly subscriber: Subscriber<AspiredVersions<D, N>>;
  readonly pause: Pause;
}

/** Takes look after look until the subscriber has gone, or there was the only one. */
async function keepLooking<D, N extends string>(run: Run<D, N>): Promise<void> {
  const { settings, subscriber, pause } = run;
  const { once, minMs: delayMs, maxMs: maxDelayMs, jitter, random } = settings;
  const attachHints = hintLine(run);
  let state = initialPollState<D, N>();
  // A function, since the compiler takes a property to be as it was when it was last asked.
  const hasEnded = (): boolean => subscriber.closed;
  while (!hasEnded()) {
    // Before the look, so that nothing changes unseen between the two.
    attachHints();
    const look = await takeLook(run);
    if (hasEnded()) return;
    if (once && "error" in look) throw look.error;
    const step = afterLook(state, look.outcome);
    state = step.state;
    for (const warning of step.warnings) warn(settings, warning);
    for (const list of step.lists) subscriber.next(list);
    if (once) return subscriber.complete();
    await look.settled;
    const pacedMs = backOffMs({ delayMs, maxDelayMs, jitter }, state.streak.length, random());
    if (!hasEnded()) await pause.wait(Math.min(pacedMs, look.withinMs));
  }
}

interface Look<D, N extends string> {
  readonly outcome: LookOutcome<D, N>;
  /** There if it failed. */
  readonly error?: unknown;
  /** When the next look is wanted at the latest. */
  readonly withinMs: number;
  /** A look that was too late has failed, and may still go on; this is when it does not. */
  readonly settled: Promise<unknown>;
}

/** Takes one look; that it fails is an outcome. */
async function takeLook<D, N extends string>({ settings, subscriber }: Run<D, N>): Promise<Look<D, N>> {
  const aborting = new AbortController();
  const { signal } = aborting;
  const warnings: string[] = [];
  let withinMs = Number.POSITIVE_INFINITY;
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
  const cancelLimit = limit(settings, (late) => aborting.abort(late));
  const running = new Subscription(() => {
    cancelLimit();
    aborting.abort(new ServingError("CANCELLED", `${settings.name}: nobody waits for the look any more`));
  });
  subscriber.add(running);
  const look = callLook(settings, {
    signal,
    lookAgainWithin(delayMs) {
      if (!(delayMs >= 0)) throw new RangeError(`lookAgainWithin(${delayMs}): the time must not be negative`);
      withinMs = Math.min(withinMs, delayMs);
    },
    warn: (text) => warnings.push(text),
  });
  const settled = look.catch(() => {});
  try {
    const finds = await Promise.race([look, aborted]);
    return { outcome: { ...outcomeOf(finds), warnings }, withinMs, settled };
  } catch (error) {
    const outcome: LookOutcome<D, N> = { kind: "failed", reason: reasonOf(error), warnings };
    return { outcome, error, withinMs: Number.POSITIVE_INFINITY, settled };
  } finally {
    cancelLimit();
    subscriber.remove(running);
  }
}

/** A look that throws at once has failed like any other. */
async function callLook<D, N extends string>({ look }: PollSettings<D, N>, context: LookContext): Promise<Finds<D, N>> {
  return look(context);
}

/** Calls `onLate` when the time of a look is up; the function returned prevents it. */
function limit(
  { name, timeoutMs, clock }: PollSettings<unknown, string>,
  onLate: (error: ServingError) => void,
): () => void {
  if (timeoutMs === Number.POSITIVE_INFINITY) return () => {};
  const text = `looking for ${name} takes longer than timeoutMs, ${timeoutMs}`;
  return clock.schedule(() => onLate(new ServingError("DEADLINE_EXCEEDED", text)), timeoutMs);
}

type Found<D, N extends string> =
  | { readonly kind: "found"; readonly lists: readonly AspiredVersions<D, N>[] }
  | { readonly kind: "unchanged" };

function outcomeOf<D, N extends string>(finds: Finds<D, N>): Found<D, N> {
  if (finds === undefined) return { kind: "unchanged" };
  const lists = "name" in finds ? [finds] : finds;
  const twice = lists.find(({ name }, index) => lists.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw new ServingError("INTERNAL", `the look gave two lists of ${twice.name}`);
  return { kind: "found", lists };
}

/** Subscribes to the hints when called, unless that still holds or they are over. */
function hintLine<D, N extends string>({ settings, subscriber, pause }: Run<D, N>): () => void {
  let line: Subscription | undefined;
  let over = settings.once;
  return () => {
    if (over || line?.closed === false) return;
    let attaching = true;
    line = settings.hint$.subscribe({
      // What is said at once is no news to the look that follows.
      next: () => attaching || pause.hint(),
      complete: () => {
        over = true;
      },
      // Polling finds the same, and the next look asks for hints again.
      error: () => {},
    });
    subscriber.add(line);
    attaching = false;
  };
}

function reasonOf(error: unknown): string {
  return `the look failed: ${error instanceof Error ? error.message : String(error)}`;
}

function warn({ name, onWarning }: PollSettings<unknown, string>, text: string): void {
  try {
    onWarning(`${name}: ${text}`);
  } catch (error) {
    // The listener's fault, not the source's: looking goes on.
    throwLater(error);
  }
}
