import type { AspiredVersions, ModelFiles } from "@servable/core";
import { type ManualClock, manualClock } from "@servable/core/testing";
import type { Subscription } from "rxjs";
import { type FsDiscoverOptions, type FsSourceOptions, resolveDiscovery, resolveOptions } from "../options.js";
import { type SourcePorts, systemPorts } from "../ports.js";
import { watchFolder } from "../watch-folder.js";

/** A source on the real file system, or what `ports` put in its place, which looks when it is told to. */
export interface Stage {
  readonly clock: ManualClock;
  /** All lists so far. */
  readonly lists: readonly AspiredVersions<ModelFiles>[];
  readonly warnings: readonly string[];
  /** How it ended, if it did. */
  readonly end: () => "complete" | { readonly error: unknown } | undefined;
  /** The last list in short: versions, the names of what was skipped, notes. */
  last(): AspiredVersions<ModelFiles>;
  /** The versions of the last list. */
  versions(): number[];
  skipped(): Record<string, string>;
  /** Lets the time of a poll pass, and waits until the look that falls due has ended. */
  look(afterMs?: number): Promise<void>;
  /** Waits for the end of a look that has begun, or for the end of the source. */
  looked(): Promise<void>;
  readonly subscription: Subscription;
}

export const POLL_MS = 1_000;

/** Subscribes; `settled` makes all that exists now old, so that it is at rest at the first look. */
export interface StageOptions extends Partial<FsSourceOptions> {
  readonly path: string;
  readonly discover?: FsDiscoverOptions["discover"];
  readonly settled?: boolean;
  readonly ports?: Partial<SourcePorts>;
}

/** Subscribes to a source and waits for the end of its first look. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const stage = beginStage(options);
  await stage.looked();
  return stage;
}

/** As {@link openStage}, without waiting. */
export function beginStage({ settled = true, ports, discover, ...given }: StageOptions): Stage {
  const lists: AspiredVersions<ModelFiles>[] = [];
  const warnings: string[] = [];
  let end: "complete" | { readonly error: unknown } | undefined;
  let waiting = deferred();
  const finish = (): void => waiting.resolve();
  // The clock stands still, so what is written from now on is never older than it.
  const clock = manualClock(Date.now() + (settled ? 3_600_000 : 0));
  const noticing = {
    now: () => clock.now(),
    // A source schedules its next look when one has ended.
    schedule: (callback: () => void, delayMs: number) => {
      const cancel = clock.schedule(callback, delayMs);
      finish();
      return cancel;
    },
  };
  const options = { watch: false, pollMs: POLL_MS, onWarning: (text: string) => warnings.push(text), ...given };
  const settings =
    discover === undefined ? resolveOptions({ name: "m", ...options }) : resolveDiscovery({ discover, ...options });
  const subscription = watchFolder(settings, { ...systemPorts, clock: noticing, ...ports }).subscribe({
    next: (list) => lists.push(list),
    complete: () => {
      end = "complete";
      finish();
    },
    error: (error: unknown) => {
      end = { error };
      finish();
    },
  });
  const last = (): AspiredVersions<ModelFiles> => {
    const list = lists.at(-1);
    if (list === undefined) throw new Error("nothing was listed");
    return list;
  };
  return {
    clock,
    lists,
    warnings,
    subscription,
    end: () => end,
    last,
    versions: () => last().versions.map(({ version }) => version),
    skipped: () => Object.fromEntries((last().skipped ?? []).map(({ entry, reason }) => [entry, reason])),
    looked: () => waiting.promise,
    async look(afterMs = POLL_MS) {
      waiting = deferred();
      clock.advance(afterMs);
      await waiting.promise;
    },
  };
}

/** A promise with its key outside. */
export interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
}

export function deferred(): Deferred {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}
