import { setTimeout as sleep } from "node:timers/promises";
import { mayPass, StoreError } from "../store/object-store.js";

/** How often something is tried, and how long the pauses are. */
export interface Tries {
  /** Tries in a row that bring nothing. */
  readonly attempts: number;
  /** The first pause; it doubles, up to 5 s, and half of it is left to chance. */
  readonly delayMs: number;
}

const LONGEST_MS = 5_000;

/** The pause before try number `attempt` (from 1). */
export function pauseMs({ delayMs }: Tries, attempt: number, chance: number): number {
  return Math.min(LONGEST_MS, delayMs * 2 ** Math.min(attempt - 1, 20)) * (1 - chance / 2);
}

/** Waits before another try, or throws `error` if none makes sense. */
export async function waitToRetry(error: unknown, attempt: number, { tries, signal }: Waiting): Promise<void> {
  if (!mayPass(error) || attempt >= tries.attempts) throw error;
  const usualMs = pauseMs(tries, attempt, Math.random());
  // Who is asked to slow down does.
  const ms = error instanceof StoreError && error.kind === "throttled" ? Math.max(usualMs, tries.delayMs * 4) : usualMs;
  await pause(ms, signal);
}

/** Waits. @throws the reason of the signal */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}

interface Waiting {
  readonly tries: Tries;
  readonly signal: AbortSignal;
}

/** Does `work` until it succeeds, fails for good, or was tried often enough. */
export async function withTries<T>(work: () => Promise<T>, waiting: Waiting): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      waiting.signal.throwIfAborted();
      await waitToRetry(error, attempt, waiting);
    }
  }
}
