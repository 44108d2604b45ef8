import type { ServingError } from "../errors.js";
import type { ResourceEstimate } from "../loader.js";
import type { Progress } from "../progress.js";
import type { ServableId } from "../servable.js";
import type { SkippedEntry } from "../source/source.js";
import type { PublicState } from "../version/public-state.js";
import type { VersionPhase } from "../version/version-state.js";

/** A phase that a version has entered. */
export interface HistoryEntry {
  readonly phase: VersionPhase;
  /** When, in milliseconds since 1970. */
  readonly atMs: number;
  /** What it ended or failed with. */
  readonly error?: ServingError;
}

/** How many phases of a version are remembered: four retries and a whole life. */
export const HISTORY_REMEMBERED = 32;

/** One version as it stands. */
export interface VersionSnapshot {
  readonly id: ServableId;
  readonly state: PublicState;
  /** Why, in plain words: "waits for a load slot", "drains: 2 handles held". */
  readonly reason: string;
  /** Whether a source wants it loaded. */
  readonly aspired: boolean;
  readonly revision?: string;
  /** When it entered its state, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** The error it ended with, or that its last attempt to load ended with. */
  readonly error?: ServingError;
  readonly progress?: Progress;
  /** The phases that it has been in, the present one last; the oldest are forgotten. */
  readonly history: readonly HistoryEntry[];
  /** What it takes while it is loaded, as far as its loader says. */
  readonly resources?: ResourceEstimate;
}

/** One model as it stands. */
export interface ModelSnapshot {
  readonly name: string;
  /** The key of the source that names it. */
  readonly source: string;
  /** In descending order of version; ended ones stay for a while. */
  readonly versions: readonly VersionSnapshot[];
  /** The version that each label points to. */
  readonly labels: Readonly<Record<string, number>>;
  readonly skipped: readonly SkippedEntry[];
  readonly notes: readonly string[];
}

/** One source as it stands. */
export interface SourceSnapshot {
  readonly key: string;
  readonly state: "waiting" | "speaking" | "completed" | "failed";
  readonly error?: ServingError;
}

/** The whole picture at one moment. */
export interface ManagerSnapshot {
  /** Whether every source has spoken and every name has an available version. */
  readonly ready: boolean;
  /** What is missing for `ready`, in plain words. */
  readonly waitingFor: readonly string[];
  readonly models: readonly ModelSnapshot[];
  readonly sources: readonly SourceSnapshot[];
}
