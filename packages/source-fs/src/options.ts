import { resolve } from "node:path";
import { ServingError } from "@servable/core";
import { type FolderOptions, type FolderRules, isDuration, resolveFolderOptions } from "@servable/source-folders";

/** How folders are watched. */
export interface FsWatchOptions extends FolderOptions {
  /** The folder to look into; relative to the working directory at the time of the call. */
  readonly path: string;
  /**
   * Time between looks; with 0 the source looks once and completes, and completeness alone decides.
   * @defaultValue 1000
   */
  readonly pollMs?: number | undefined;
  /**
   * Whether to ask the operating system for hints to look sooner; without them, as on a network file system, polling
   * finds the same.
   * @defaultValue true
   */
  readonly watch?: boolean | undefined;
  /**
   * The name of a link beside the version folders, such as `current`, that points to the one to offer: turning it is
   * how a version is put in service, and rolled back.
   * @defaultValue none, the policy chooses among all versions
   */
  readonly pointer?: string | undefined;
}

/** How `fsSource` finds the versions of one model: `path` holds one folder per version. */
export interface FsSourceOptions<N extends string = string> extends FsWatchOptions {
  /** The name under which the versions are served. */
  readonly name: N;
}

/** How `fsSource` finds several models: `path` holds one folder per model, and each of them one folder per version. */
export interface FsDiscoverOptions extends FsWatchOptions {
  /** Takes every folder for a model, by its name, or those that the function gives a name. */
  readonly discover: true | ((entry: string) => string | undefined);
}

/** Options that were checked, with their defaults. */
export interface FsSourceSettings<N extends string = string> {
  readonly name: N;
  readonly path: string;
  readonly discover: ((entry: string) => N | undefined) | undefined;
  readonly pollMs: number;
  readonly watch: boolean;
  readonly pointer: string | undefined;
  readonly rules: FolderRules;
}

/**
 * Checks options and fills in defaults.
 * @throws ServingError INVALID_ARGUMENT for an option that cannot be meant
 */
export function resolveOptions<N extends string>(options: FsSourceOptions<N>): FsSourceSettings<N> {
  const { name } = options;
  if (typeof name !== "string" || name === "") throw invalid(name, "name must be the name of a model");
  return { name, discover: undefined, ...resolveWatch(options, name) };
}

/**
 * As {@link resolveOptions}, for several models.
 * @throws ServingError INVALID_ARGUMENT for an option that cannot be meant
 */
export function resolveDiscovery(options: FsDiscoverOptions): FsSourceSettings {
  const { discover, path } = options;
  if (discover !== true && typeof discover !== "function") throw invalid(path, "discover must be true or a function");
  return { name: path, discover: discover === true ? (entry) => entry : discover, ...resolveWatch(options, path) };
}

function resolveWatch(options: FsWatchOptions, name: string): Omit<FsSourceSettings, "name" | "discover"> {
  const { path, pollMs = 1_000, watch = true, pointer } = options;
  const check = (good: boolean, text: string): void => {
    if (!good) throw invalid(name, text);
  };
  check(typeof path === "string" && path !== "", "path must be the folder that holds the version folders");
  check(isDuration(pollMs), `pollMs must be from 0 to 2147483647, got ${pollMs}`);
  const plain = pointer === undefined || (typeof pointer === "string" && /^[^/\\]+$/.test(pointer));
  check(plain, "pointer must be the name of a link beside the version folders");
  return { path: resolve(path), pollMs, watch, pointer, rules: resolveFolderOptions(options, check) };
}

function invalid(name: string, text: string): ServingError {
  return new ServingError("INVALID_ARGUMENT", `fsSource(${JSON.stringify(name)}): ${text}`);
}
