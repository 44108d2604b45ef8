import type { ServingError } from "../errors.js";
import type { Progress } from "../progress.js";
import type { ServableId } from "../servable.js";

interface VersionEventBase {
  readonly id: ServableId;
  /** When it happened, in milliseconds since 1970. */
  readonly atMs: number;
}

/** Something that happened to a version or a source, as `events$` tells it. */
export type ManagerEvent =
  | (VersionEventBase & { readonly type: "version-started" })
  | (VersionEventBase & { readonly type: "version-loading"; readonly attempt: number })
  | (VersionEventBase & { readonly type: "load-progressed"; readonly progress: Progress })
  | (VersionEventBase & {
      readonly type: "load-failed";
      readonly attempt: number;
      readonly error: ServingError;
      /** When it is tried again. */
      readonly retryInMs: number;
    })
  | (VersionEventBase & {
      readonly type: "version-available";
      /** From the start of the successful attempt. */
      readonly durationMs: number;
      readonly describe?: Readonly<Record<string, unknown>>;
    })
  | (VersionEventBase & { readonly type: "version-unloading"; readonly reason: string })
  | (VersionEventBase & {
      /** Handles of a version that is to be unloaded are held for longer than `drainWarningMs`. */
      readonly type: "drain-overdue";
      readonly handles: number;
      /** Where they were taken, as stack traces; empty unless `traceHandles` is set. */
      readonly takenAt: readonly string[];
    })
  | (VersionEventBase & { readonly type: "version-ended"; readonly error?: ServingError })
  | {
      /** A label points elsewhere; without `version` it was taken away, without `previous` it is new. */
      readonly type: "label-moved";
      readonly name: string;
      readonly label: string;
      readonly version?: number;
      readonly previous?: number;
      readonly atMs: number;
    }
  | {
      /** A source listed a name that belongs to another source. */
      readonly type: "list-refused";
      readonly source: string;
      readonly error: ServingError;
      readonly atMs: number;
    }
  | { readonly type: "source-completed"; readonly source: string; readonly atMs: number }
  | { readonly type: "source-failed"; readonly source: string; readonly error: ServingError; readonly atMs: number };
