import type { Clock } from "../clock.js";

/** After a hint, a moment for what is being changed to become whole; hints also come in swarms. */
const HINT_DELAY_MS = 50;

/** The time between two looks. */
export interface Pause {
  /** Waits for `ms`, or a moment if there was a hint since the last wait, or until stopped. */
  wait(ms: number): Promise<void>;
  /** Cuts the present wait, or else the next, down to a moment. */
  hint(): void;
  /** Ends the present wait at once. */
  stop(): void;
}

interface Waiting {
  readonly end: () => void;
  dueMs: number;
  cancel: () => void;
}

/** Makes a {@link Pause} that takes its time from `clock`. */
export function makePause(clock: Clock): Pause {
  let waiting: Waiting | undefined;
  let hinted = false;
  const end = (): void => {
    const ended = waiting;
    waiting = undefined;
    ended?.cancel();
    ended?.end();
  };
  return {
    wait(ms) {
      const delayMs = hinted ? Math.min(ms, HINT_DELAY_MS) : ms;
      return new Promise((resolve) => {
        waiting = { end: resolve, dueMs: clock.now() + delayMs, cancel: clock.schedule(end, delayMs) };
        hinted = false;
      });
    },
    hint() {
      if (waiting === undefined) {
        hinted = true;
      } else if (waiting.dueMs - clock.now() > HINT_DELAY_MS) {
        waiting.cancel();
        waiting.cancel = clock.schedule(end, HINT_DELAY_MS);
        waiting.dueMs = clock.now() + HINT_DELAY_MS;
      }
    },
    stop: end,
  };
}
