import type { Subscription } from "rxjs";
import type { Finds, LookContext, PollOptions } from "../source/poll-options.js";
import { pollSource } from "../source/poll-source.js";
import type { AspiredVersions } from "../source/source.js";
import { type ManualClock, manualClock } from "./manual-clock.js";
import { turn } from "./stage.js";

/** One look that waits behind its gate. */
export interface GatedLook {
  readonly context: LookContext;
  /** Lets the look find something. */
  find(finds: Finds<string>): void;
  /** Lets the look fail. */
  fail(error: unknown): void;
}

/** A polling source with everything around it in the hands of the test; jitter is off. */
export interface PollStage {
  readonly clock: ManualClock;
  readonly subscription: Subscription;
  /** All looks ever begun. */
  readonly looks: readonly GatedLook[];
  /** Looks begun and not yet let through. */
  readonly running: number;
  readonly lists: readonly AspiredVersions<string>[];
  readonly warnings: readonly string[];
  /** How it ended, if it did. */
  end(): "complete" | { readonly error: unknown } | undefined;
  /** Lets the running look fail, or find something, and lets happen what follows. */
  ends(how: { readonly find?: Finds<string>; readonly fail?: unknown }): Promise<void>;
  /** How long the source now waits until it looks again, by trying; the look is running then. */
  pause(): Promise<number>;
  /** The lists in short, `m:1a,2b`, with a `!` where there are notes. */
  said(): string[];
}

/** Subscribes to a source whose looks end when a test says so. */
export function pollStage(options: Partial<PollOptions<string>> = {}): PollStage {
  const clock = manualClock();
  const looks: GatedLook[] = [];
  const lists: AspiredVersions<string>[] = [];
  const warnings: string[] = [];
  let running = 0;
  let end: "complete" | { readonly error: unknown } | undefined;
  const look = (context: LookContext): Promise<Finds<string>> =>
    new Promise((resolve, reject) => {
      running++;
      const settle = (action: () => void): void => {
        running--;
        action();
      };
      looks.push({
        context,
        find: (finds) => settle(() => resolve(finds)),
        fail: (error) => settle(() => reject(error)),
      });
    });
  const source = pollSource({
    name: "m",
    look,
    jitter: 0,
    onWarning: (text) => warnings.push(text),
    clock,
    random: () => 0,
    ...options,
  });
  const subscription = source.subscribe({
    next: (list) => lists.push(list),
    complete: () => {
      end = "complete";
    },
    error: (error: unknown) => {
      end = { error };
    },
  });
  return {
    clock,
    subscription,
    looks,
    get running() {
      return running;
    },
    lists,
    warnings,
    end: () => end,
    async ends(how) {
      const look = looks.at(-1);
      if ("fail" in how) look?.fail(how.fail);
      else look?.find(how.find);
      await turn();
    },
    async pause() {
      const before = looks.length;
      for (let ms = 0; ms <= 100_000; ms++) {
        if (looks.length > before) return ms;
        clock.advance(1);
        // The look begins in the microtask after the timer.
        await Promise.resolve();
      }
      throw new Error("it does not look again");
    },
    said: () => lists.map(inShort),
  };
}

/** A list with these revisions by version: `found({ 1: "a", 2: "b" })`. */
export function found(revisions: Readonly<Record<number, string>>, name = "m"): AspiredVersions<string> {
  const versions = Object.entries(revisions).map(([version, revision]) => ({
    version: Number(version),
    revision,
    data: `${name}/${version}`,
  }));
  return { name, versions };
}

function inShort({ name, versions, notes = [] }: AspiredVersions<string>): string {
  const parts = versions.map((each) => `${each.version}${"error" in each ? "?" : (each.revision ?? "")}`);
  return `${name}:${parts.join()}${notes.length > 0 ? "!" : ""}`;
}
