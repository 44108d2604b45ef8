import type { SourcePorts } from "./ports.js";

/** Hints of the operating system that something has changed. They may be late, missing or in vain: polling is the truth. */
export interface Hints {
  /** Watches, unless it does so already or cannot. */
  ensure(): void;
  /** Stops, so that the next `ensure` watches what is there then. */
  close(): void;
}

/** Makes {@link Hints} for one folder. */
export function makeHints(path: string, ports: SourcePorts, onHint: () => void): Hints {
  let stop: (() => void) | undefined;
  const close = (): void => {
    const stopNow = stop;
    stop = undefined;
    stopNow?.();
  };
  return {
    ensure() {
      if (stop !== undefined) return;
      try {
        stop = ports.watch(path, {
          onHint,
          onEnd: () => {
            stop = undefined;
          },
        });
      } catch {
        // No folder yet, or too many watches: without hints the next look is at its usual time, and tries again.
      }
    },
    close,
  };
}

/** For a source that takes no hints. */
export const noHints: Hints = { ensure: () => {}, close: () => {} };
