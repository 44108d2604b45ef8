import { type FileEntry, LONGEST_TIMER_MS, latest, type OpenFiles, type VersionPolicy } from "@servable/core";
import { missingFromSavedModel } from "@servable/saved-model";

/** What a version still lacks, as a sentence; undefined when it is complete. */
export type MissingFrom = (
  files: readonly FileEntry[],
  read: OpenFiles["read"],
) => Promise<string | undefined> | string | undefined;

/** Options of every source of version folders. */
export interface FolderOptions {
  /**
   * Which of the versions that can be offered are offered.
   * @defaultValue latest(1)
   */
  readonly versions?: VersionPolicy | undefined;
  /**
   * A folder is at rest when nothing in it has changed for this long, or it stood still between two looks. With 0 every
   * folder is taken to be at rest. One with a manifest or a marker is not waited for.
   * @defaultValue 5000
   */
  readonly settleMs?: number | undefined;
  /**
   * What to do when there was a version and now there is none, or the base path itself is gone: keep offering the last
   * list, or offer nothing. A folder that cannot be read keeps its list in either case.
   * @defaultValue "keep"
   */
  readonly whenEmpty?: "keep" | "unload" | undefined;
  /**
   * Reads a version number out of the name of a folder; undefined if it has none.
   * @defaultValue decimal numbers
   */
  readonly parseVersion?: ((entry: string) => number | undefined) | undefined;
  /**
   * Says what a version without a manifest lacks. It is asked once for each state of a folder's files.
   * @defaultValue missingFromSavedModel of `@servable/saved-model`
   */
  readonly complete?: MissingFrom | undefined;
  /**
   * A file, such as `_SUCCESS`, without which a version is not complete; it is written last.
   * @defaultValue none is waited for
   */
  readonly marker?: string | undefined;
  /**
   * Told, once per change, of what stands in the way.
   * @defaultValue nobody is told; lasting trouble is in the notes of the list as well
   */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** {@link FolderOptions} that were checked, with their defaults. */
export interface FolderRules {
  readonly versions: VersionPolicy;
  readonly settleMs: number;
  readonly whenEmpty: "keep" | "unload";
  readonly parseVersion: ((entry: string) => number | undefined) | undefined;
  readonly complete: MissingFrom;
  readonly marker: string | undefined;
  readonly onWarning: (text: string) => void;
}

/** Takes a condition that an option must fulfil, and what to say if it does not. */
export type Check = (good: boolean, text: string) => void;

/** Checks options and fills in defaults; `check` throws. */
export function resolveFolderOptions(options: FolderOptions, check: Check): FolderRules {
  const { versions = latest(), settleMs = 5_000, whenEmpty = "keep", parseVersion, marker } = options;
  const { complete = missingFromSavedModel, onWarning = () => {} } = options;
  check(typeof versions.select === "function", "versions must be a policy, such as latest(2), all() or exactly([7])");
  check(isDuration(settleMs), `settleMs must be from 0 to ${LONGEST_TIMER_MS}, got ${settleMs}`);
  check(
    ["keep", "unload"].includes(whenEmpty),
    `whenEmpty must be "keep" or "unload", got ${JSON.stringify(whenEmpty)}`,
  );
  check(marker === undefined || (typeof marker === "string" && marker !== ""), "marker must be the name of a file");
  for (const [option, value] of Object.entries({ parseVersion, complete, onWarning })) {
    check(value === undefined || typeof value === "function", `${option} must be a function`);
  }
  return { versions, settleMs, whenEmpty, parseVersion, complete, marker, onWarning };
}

/** Whether a number of milliseconds can be waited for. */
export function isDuration(ms: number): boolean {
  return Number.isFinite(ms) && ms >= 0 && ms <= LONGEST_TIMER_MS;
}
