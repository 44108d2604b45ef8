import type { CallSignal } from "@servable/inference";

/** Work that can pause wherever it yields. */
export type Steps<T> = Generator<void, T, void>;

/** For so long the event loop may be kept; a pause comes at the next yield. */
const SLICE_MS = 4;

/** Does the work without a pause. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * Does the work in slices of a few milliseconds, between which others have their turn.
 * @throws what `signal` was aborted with, between two slices
 */
export async function inSlices<T>(steps: Steps<T>, signal: CallSignal): Promise<T> {
  let since = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - since < SLICE_MS) continue;
    await turn();
    if (signal.aborted) throw signal.reason;
    since = performance.now();
  }
}

/** Resolves after what else is waiting in the event loop. */
function turn(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };
  return new Promise((resolve) => {
    if (setImmediate === undefined) setTimeout(resolve, 0);
    else setImmediate(resolve);
  });
}
