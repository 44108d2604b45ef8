import type { ServingError } from "../errors.js";
import type { PublicState } from "./public-state.js";

/**
 * Where one version is in its life. `waiting` has been chosen for loading and waits for its turn; `retrying` waits
 * after a failed attempt; `cancelling` is a load that is no longer wanted and has not answered yet; `draining` waits
 * for its borrowers.
 */
export type VersionState =
  | { readonly phase: "new" }
  | { readonly phase: "waiting" | "loading" | "cancelling"; readonly attempt: number }
  | { readonly phase: "retrying"; readonly attempt: number; readonly error: ServingError }
  | { readonly phase: "available" | "draining" | "unloading" }
  | { readonly phase: "failed"; readonly error: ServingError }
  | { readonly phase: "ended"; readonly error?: ServingError };

/** The words of `VersionState`. */
export type VersionPhase = VersionState["phase"];

/** What can happen to one version. */
export type VersionEvent =
  | { readonly type: "load-chosen" }
  | { readonly type: "load-started" }
  | { readonly type: "load-succeeded" }
  | { readonly type: "load-failed"; readonly error: ServingError; readonly retry: boolean }
  | { readonly type: "retry-due" }
  | { readonly type: "no-longer-wanted" }
  | { readonly type: "revived" }
  | { readonly type: "unload-chosen" }
  | { readonly type: "drained" }
  | { readonly type: "unloaded"; readonly error?: ServingError };

// One object each for all versions, since thousands may be idle.
/** The state in which every life begins. */
export const NEW: VersionState = { phase: "new" };
const AVAILABLE: VersionState = { phase: "available" };
const DRAINING: VersionState = { phase: "draining" };
const UNLOADING: VersionState = { phase: "unloading" };

/** The only writer of a version's phase. An event that does not fit the phase changes nothing. */
export function reduceVersion(state: VersionState, event: VersionEvent): VersionState {
  switch (event.type) {
    case "load-chosen":
      return state.phase === "new" ? { phase: "waiting", attempt: 1 } : state;
    case "load-started":
      return state.phase === "waiting" ? { phase: "loading", attempt: state.attempt } : state;
    case "load-succeeded":
      if (state.phase === "cancelling") return UNLOADING;
      return state.phase === "loading" ? AVAILABLE : state;
    case "load-failed":
      if (state.phase === "cancelling") return { phase: "ended", error: event.error };
      if (state.phase !== "loading") return state;
      if (event.retry) return { phase: "retrying", attempt: state.attempt, error: event.error };
      return { phase: "failed", error: event.error };
    case "retry-due":
      return state.phase === "retrying" ? { phase: "waiting", attempt: state.attempt + 1 } : state;
    case "no-longer-wanted":
      return dismiss(state);
    case "revived":
      return state.phase === "ended" || state.phase === "failed" ? NEW : state;
    case "unload-chosen":
      return state.phase === "available" ? DRAINING : state;
    case "drained":
      return state.phase === "draining" ? UNLOADING : state;
    case "unloaded":
      if (state.phase !== "unloading") return state;
      return event.error === undefined ? { phase: "ended" } : { phase: "ended", error: event.error };
  }
}

/** Ends what has nothing to release, cancels a running load, and leaves what is available to the policy. */
function dismiss(state: VersionState): VersionState {
  switch (state.phase) {
    case "new":
    case "waiting":
      return { phase: "ended" };
    case "retrying":
    case "failed":
      return { phase: "ended", error: state.error };
    case "loading":
      return { phase: "cancelling", attempt: state.attempt };
    case "cancelling":
    case "available":
    case "draining":
    case "unloading":
    case "ended":
      return state;
  }
}

const PUBLIC: Record<VersionPhase, PublicState> = {
  new: "START",
  waiting: "START",
  loading: "LOADING",
  retrying: "LOADING",
  cancelling: "LOADING",
  available: "AVAILABLE",
  draining: "UNLOADING",
  unloading: "UNLOADING",
  failed: "END",
  ended: "END",
};

/** The public state of a phase: the only bridge between the two vocabularies. */
export function publicStateOf(phase: VersionPhase): PublicState {
  return PUBLIC[phase];
}

/** Whether a version in this phase is on its way out and cannot be wanted again. */
export function isLeaving(phase: VersionPhase): boolean {
  return phase === "cancelling" || phase === "draining" || phase === "unloading" || phase === "ended";
}
