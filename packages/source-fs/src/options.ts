import { resolve } from "node:path";
import {
  type FileEntry,
  LONGEST_TIMER_MS,
  latest,
  type OpenFiles,
  ServingError,
  type VersionPolicy,
} from "@servable/core";
import { missingFromSavedModel } from "@servable/saved-model";

/** What a version still lacks, as a sentence; undefined when it is complete. */
export type MissingFrom = (
  files: readonly FileEntry[],
  read: OpenFiles["read"],
) => Promise<string | undefined> | string | undefined;

/** How `fsSource` finds versions. */
export interface FsSourceOptions<N extends string = string> {
  /** The name under which the versions are served. */
  readonly name: N;
  /** The folder that holds one folder per version; relative to the working directory at the time of the call. */
  readonly path: string;
  /**
   * Which of the versions that can be offered are offered.
   * @defaultValue latest(1)
   */
  readonly versions?: VersionPolicy | undefined;
  /**
   * Time between looks; with 0 the source looks once and completes, and completeness alone decides.
   * @defaultValue 1000
   */
  readonly pollMs?: number | undefined;
  /**
   * Whether to ask the operating system for hints to look sooner; without them, polling finds the same.
   * @defaultValue true
   */
  readonly watch?: boolean | undefined;
  /**
   * A folder is at rest when nothing in it has changed for this long, or it stood still between two looks. With 0 every
   * folder is taken to be at rest.
   * @defaultValue 5000
   */
  readonly settleMs?: number | undefined;
  /**
   * What to do when there was a version and now there is none, or the folder itself is gone: keep offering the last
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
   * Says what a version lacks. It is asked once for each state of a folder's files.
   * @defaultValue missingFromSavedModel of `@servable/saved-model`
   */
  readonly complete?: MissingFrom | undefined;
  /**
   * Told, once per change, of what stands in the way.
   * @defaultValue nobody is told; lasting trouble is in the notes of the list as well
   */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** Options that were checked, with their defaults. */
export interface FsSourceSettings<N extends string = string> {
  readonly name: N;
  readonly path: string;
  readonly versions: VersionPolicy;
  readonly pollMs: number;
  readonly watch: boolean;
  readonly settleMs: number;
  readonly whenEmpty: "keep" | "unload";
  readonly parseVersion: ((entry: string) => number | undefined) | undefined;
  readonly complete: MissingFrom;
  readonly onWarning: (text: string) => void;
}

/**
 * Checks options and fills in defaults.
 * @throws ServingError INVALID_ARGUMENT for an option that cannot be meant
 */
export function resolveOptions<N extends string>(options: FsSourceOptions<N>): FsSourceSettings<N> {
  const { name, path, versions = latest(), pollMs = 1_000, watch = true, settleMs = 5_000 } = options;
  const { whenEmpty = "keep", parseVersion, complete = missingFromSavedModel, onWarning = () => {} } = options;
  const check = (good: boolean, text: string): void => {
    if (!good) throw new ServingError("INVALID_ARGUMENT", `fsSource(${JSON.stringify(name)}): ${text}`);
  };
  check(typeof name === "string" && name !== "", "name must be the name of a model");
  check(typeof path === "string" && path !== "", "path must be the folder that holds the version folders");
  check(typeof versions.select === "function", "versions must be a policy, such as latest(2), all() or exactly([7])");
  for (const [option, value] of Object.entries({ pollMs, settleMs })) {
    const good = Number.isFinite(value) && value >= 0 && value <= LONGEST_TIMER_MS;
    check(good, `${option} must be from 0 to ${LONGEST_TIMER_MS}, got ${value}`);
  }
  check(
    ["keep", "unload"].includes(whenEmpty),
    `whenEmpty must be "keep" or "unload", got ${JSON.stringify(whenEmpty)}`,
  );
  for (const [option, value] of Object.entries({ parseVersion, complete, onWarning })) {
    check(value === undefined || typeof value === "function", `${option} must be a function`);
  }
  return {
    name,
    path: resolve(path),
    versions,
    pollMs,
    watch,
    settleMs,
    whenEmpty,
    parseVersion,
    complete,
    onWarning,
  };
}
