import type { ServingError } from "../errors.js";
import type { VersionPhase, VersionState } from "../version/version-state.js";
import { HISTORY_REMEMBERED, type HistoryEntry } from "./snapshot.js";

/** The phases that a life has been in, kept small: thousands of lives may be idle. Times lie apart, as plain numbers. */
export class History {
  #marks: readonly (VersionPhase | Failure)[] = [];
  #timesMs: readonly number[] = [];

  /** When the present phase was entered, in milliseconds since 1970; undefined before the first. */
  get sinceMs(): number | undefined {
    return this.#timesMs.at(-1);
  }

  /** Notes a phase that has been entered. */
  add(state: VersionState, atMs: number): void {
    const mark = "error" in state && state.error ? { phase: state.phase, error: state.error } : state.phase;
    this.#marks = [...this.#marks, mark].slice(-HISTORY_REMEMBERED);
    this.#timesMs = [...this.#timesMs, atMs].slice(-HISTORY_REMEMBERED);
  }

  /** Oldest first. */
  get entries(): readonly HistoryEntry[] {
    return this.#marks.map((mark, index) => {
      const atMs = this.#timesMs[index] ?? 0;
      return typeof mark === "string" ? { phase: mark, atMs } : { ...mark, atMs };
    });
  }
}

interface Failure {
  readonly phase: VersionPhase;
  readonly error: ServingError;
}
