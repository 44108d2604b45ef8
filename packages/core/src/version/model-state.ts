import type { ServingError } from "../errors.js";
import { isLeaving, NEW, reduceVersion, type VersionEvent, type VersionState } from "./version-state.js";

/**
 * One life of a version, from being wanted to its end. The same version number may live twice at once: a replacement
 * is loaded beside what it replaces. `incarnation` tells lives apart and grows with time.
 */
export interface VersionEntry {
  readonly incarnation: number;
  readonly version: number;
  readonly revision: string | undefined;
  /** Whether the latest list of the source wants it. */
  readonly aspired: boolean;
  readonly state: VersionState;
}

/** All lives of one name, oldest first. */
export interface ModelState {
  readonly entries: readonly VersionEntry[];
  readonly nextIncarnation: number;
}

/** A version that a source wants loaded, without its data; `error` where the source could not make it. */
export interface WantedVersion {
  readonly version: number;
  readonly revision: string | undefined;
  readonly error?: ServingError;
}

/** What can happen to a model. */
export type ModelEvent =
  /** `versions` names each version once. */
  | { readonly type: "aspired"; readonly versions: readonly WantedVersion[] }
  | { readonly type: "version"; readonly incarnation: number; readonly event: VersionEvent };

/** The error of a version that has failed for good. */
export function failureOf({ state }: VersionEntry): ServingError | undefined {
  return state.phase === "failed" ? state.error : undefined;
}

/** A model of which nothing is known yet. */
export const emptyModel: ModelState = { entries: [], nextIncarnation: 1 };

/** How many ended lives of a name are remembered, so that status and `explain` can tell of them. */
export const ENDED_REMEMBERED = 16;

/** The only writer of a model's state. What changes nothing gives back the same object. */
export function reduceModel(state: ModelState, event: ModelEvent): ModelState {
  switch (event.type) {
    case "aspired":
      return aspire(state, event.versions);
    case "version": {
      const entries = replaceEntry(state.entries, event.incarnation, event.event);
      return entries === state.entries ? state : { ...state, entries };
    }
  }
}

/**
 * Drops ended lives that a later life of the same version has replaced, and the oldest beyond the limit; never one that
 * is wanted, since it may come back. Apart from the reducer, so that the end of each life is seen before it is
 * forgotten.
 */
export function forgetEnded(state: ModelState): ModelState {
  const { entries } = state;
  const latest = new Map(entries.map((entry) => [entry.version, entry.incarnation]));
  const isEnded = ({ aspired, state }: VersionEntry): boolean => !aspired && state.phase === "ended";
  const relevant = entries.filter((entry) => !isEnded(entry) || latest.get(entry.version) === entry.incarnation);
  let excess = relevant.filter(isEnded).length - ENDED_REMEMBERED;
  const kept = excess <= 0 ? relevant : relevant.filter((entry) => !isEnded(entry) || excess-- <= 0);
  return kept.length === entries.length ? state : { ...state, entries: kept };
}

function replaceEntry(
  entries: readonly VersionEntry[],
  incarnation: number,
  event: VersionEvent,
): readonly VersionEntry[] {
  const index = entries.findIndex((entry) => entry.incarnation === incarnation);
  const entry = entries[index];
  if (entry === undefined) return entries;
  const state = reduceVersion(entry.state, event);
  return state === entry.state ? entries : entries.with(index, { ...entry, state });
}

/** The revision under which an error stands in a list: never that of real data. */
const ERROR_REVISION = "\u0000error";

function aspire(state: ModelState, wanted: readonly WantedVersion[]): ModelState {
  const kept = new Set<number>();
  const added: VersionEntry[] = [];
  let nextIncarnation = state.nextIncarnation;
  for (const version of wanted) {
    const revision = version.error === undefined ? version.revision : ERROR_REVISION + version.error.message;
    const living = state.entries.find(
      (entry) => entry.version === version.version && entry.revision === revision && !isLeaving(entry.state.phase),
    );
    if (living !== undefined) kept.add(living.incarnation);
    else {
      const life: VersionState = version.error ? { phase: "failed", error: version.error } : NEW;
      added.push({ incarnation: nextIncarnation++, version: version.version, revision, aspired: true, state: life });
    }
  }
  const entries = state.entries.map((entry) => {
    if (kept.has(entry.incarnation)) return entry.aspired ? entry : { ...entry, aspired: true };
    return entry.aspired ? { ...entry, aspired: false, state: reduceVersion(entry.state, DISMISS) } : entry;
  });
  const changed = added.length > 0 || entries.some((entry, index) => entry !== state.entries[index]);
  return changed ? { entries: [...entries, ...added], nextIncarnation } : state;
}

const DISMISS: VersionEvent = { type: "no-longer-wanted" };
