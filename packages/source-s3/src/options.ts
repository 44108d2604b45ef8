import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type Clock, ServingError, systemClock } from "@servable/core";
import { type FolderOptions, type FolderRules, isDuration, resolveFolderOptions } from "@servable/source-folders";
import { from, NEVER, type Observable, type ObservableInput } from "rxjs";
import type { FetchSettings } from "./fetch/fetch-files.js";
import { resolveConnection, type S3ConnectionOptions } from "./store/connection.js";
import type { ObjectStore } from "./store/object-store.js";
import { s3Store } from "./store/s3-store.js";
import { parseS3Url, type S3Place } from "./store/s3-url.js";

/** How a bucket is watched, and how what it holds is kept. */
export interface S3WatchOptions extends FolderOptions, S3ConnectionOptions {
  /** The place to look into: `s3://bucket/prefix`. Nothing in it is decoded. */
  readonly url: string;
  /**
   * The longest time between looks; with 0 the source looks once and completes. Looks come every 5 s after something has
   * changed, and ever more seldom while nothing does.
   * @defaultValue 60_000
   */
  readonly pollMs?: number | undefined;
  /**
   * How long a version that is offered need not be listed again, so that bytes changed in place are seen that much later.
   * @defaultValue 300_000
   */
  readonly recheckMs?: number | undefined;
  /**
   * Looks at each emission; one that names another bucket or prefix, as of {@link bucketEvents}, is passed over.
   * @defaultValue none, looks come by time alone
   */
  readonly refresh$?: ObservableInput<unknown> | undefined;
  /** Folder of the cache. @defaultValue SERVABLE_CACHE, or .cache/servable in the home folder */
  readonly cacheFolder?: string | undefined;
  /**
   * Bytes that the cache may take. What was unused for the longest makes room; what is loaded stays, and a version for
   * which there is no room is not loaded.
   * @defaultValue 50 GiB
   */
  readonly maxBytes?: number | undefined;
  /** Requests of a download at a time. @defaultValue 8 */
  readonly concurrency?: number | undefined;
  /** Bytes that one request of a download asks for. @defaultValue 16 MiB */
  readonly partBytes?: number | undefined;
  /** Tries in a row that bring nothing, before a download has failed. @defaultValue 6 */
  readonly attempts?: number | undefined;
  /** The first pause between tries; it doubles. @defaultValue 100 */
  readonly retryDelayMs?: number | undefined;
  /** How long a transfer may stand still. @defaultValue 15_000 */
  readonly stallMs?: number | undefined;
  /** What stands for the bucket. @defaultValue the AWS SDK */
  readonly store?: ObjectStore | undefined;
  /** Time. @defaultValue the runtime's own */
  readonly clock?: Clock | undefined;
}

/** How `s3Source` finds the versions of one model: one "folder" per version below `url`. */
export interface S3SourceOptions<N extends string = string> extends S3WatchOptions {
  /** The name under which the versions are served. */
  readonly name: N;
}

/** How `s3Source` finds several models: one "folder" per model below `url`, and in each of them one per version. */
export interface S3DiscoverOptions extends S3WatchOptions {
  /** Takes every folder for a model, by its name, or those that the function gives a name. */
  readonly discover: true | ((entry: string) => string | undefined);
}

/** Options that were checked, with their defaults. */
export interface S3SourceSettings {
  readonly name: string;
  readonly discover: ((entry: string) => string | undefined) | undefined;
  readonly place: S3Place;
  readonly store: ObjectStore;
  readonly rules: FolderRules;
  readonly pollMs: number;
  readonly recheckMs: number;
  readonly refresh$: Observable<unknown>;
  readonly cacheFolder: string;
  readonly maxBytes: number;
  readonly fetch: FetchSettings;
  readonly clock: Clock;
}

/**
 * Checks options and fills in defaults; `env` is what the process was started with.
 * @throws ServingError INVALID_ARGUMENT for an option that cannot be meant
 */
export function resolveS3Options(
  options: S3SourceOptions | S3DiscoverOptions,
  env: Readonly<Record<string, string | undefined>>,
): S3SourceSettings {
  const { url, pollMs = 60_000, recheckMs = 300_000, refresh$ = NEVER, maxBytes = 50 * 2 ** 30 } = options;
  const { concurrency = 8, partBytes = 16 * 2 ** 20, attempts = 6, retryDelayMs = 100, stallMs = 15_000 } = options;
  const { cacheFolder = env["SERVABLE_CACHE"] ?? join(homedir(), ".cache", "servable"), clock = systemClock } = options;
  const name = "name" in options ? options.name : url;
  const check = (good: boolean, text: string): void => {
    if (!good) throw new ServingError("INVALID_ARGUMENT", `s3Source(${JSON.stringify(name)}): ${text}`);
  };
  check(typeof name === "string" && name !== "", "name must be the name of a model");
  const found = "discover" in options ? options.discover : undefined;
  check(found === undefined || found === true || typeof found === "function", "discover must be true or a function");
  check(typeof url === "string", "url must be an address such as s3://bucket/models/mnist");
  for (const [option, value] of Object.entries({ pollMs, recheckMs, retryDelayMs, stallMs })) {
    check(isDuration(value), `${option} must be from 0 to 2147483647, got ${value}`);
  }
  for (const [option, value] of Object.entries({ concurrency, partBytes, attempts })) {
    check(Number.isSafeInteger(value) && value >= 1, `${option} must be an integer from 1, got ${value}`);
  }
  check(maxBytes > 0, `maxBytes must be more than 0, got ${maxBytes}`);
  const place = parseS3Url(url);
  return {
    name,
    discover: found === true ? (entry) => entry : found,
    place,
    store: options.store ?? s3Store(place.bucket, resolveConnection(options, env)),
    rules: resolveFolderOptions(options, check),
    pollMs,
    recheckMs,
    refresh$: from(refresh$),
    cacheFolder: resolve(cacheFolder),
    maxBytes,
    fetch: { concurrency, partBytes, tries: { attempts, delayMs: retryDelayMs }, stallMs },
    clock,
  };
}
