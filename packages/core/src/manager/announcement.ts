import type { VersionEntry } from "../version/model-state.js";
import type { ManagerEvent } from "./events.js";
import type { Life } from "./life.js";

/** What an announcement tells beside the state itself. */
export interface AnnouncementFacts {
  readonly atMs: number;
  /** Time in the phase before. */
  readonly durationMs: number;
  /** Why a version is unloaded. */
  readonly unloadReason: string;
}

/** The event that tells of the phase that a version has just entered; undefined for what concerns nobody. */
export function announcementOf(
  { state }: VersionEntry,
  life: Life<unknown>,
  { atMs, durationMs, unloadReason }: AnnouncementFacts,
): ManagerEvent | undefined {
  const base = { id: life.id, atMs };
  switch (state.phase) {
    case "new":
      return { type: "version-started", ...base };
    case "loading":
      return { type: "version-loading", ...base, attempt: state.attempt };
    case "retrying": {
      const retryInMs = (life.retryAtMs ?? atMs) - atMs;
      return { type: "load-failed", ...base, attempt: state.attempt, error: state.error, retryInMs };
    }
    case "available": {
      const describe = life.describe();
      return { type: "version-available", ...base, durationMs, ...(describe !== undefined && { describe }) };
    }
    case "draining":
      return { type: "version-unloading", ...base, reason: unloadReason };
    case "failed":
    case "ended":
      return { type: "version-ended", ...base, ...(state.error !== undefined && { error: state.error }) };
    case "waiting":
    case "cancelling":
    case "unloading":
      return undefined;
  }
}
