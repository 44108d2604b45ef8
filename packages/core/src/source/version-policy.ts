import { checkVersion } from "../servable.js";

/** Chooses, among the versions that exist, those that should be loaded. Pure; the result is in descending order. */
export interface VersionPolicy {
  /** For messages: "latest 2". */
  readonly description: string;
  select(versions: readonly number[]): readonly number[];
}

const descending = (versions: Iterable<number>): number[] => [...new Set(versions)].sort((a, b) => b - a);

/**
 * The `count` highest versions, TensorFlow Serving's default with 1.
 * @throws RangeError if `count` is not a positive integer
 */
export function latest(count = 1): VersionPolicy {
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`latest(${count}): count must be at least 1`);
  return {
    description: count === 1 ? "the latest version" : `the latest ${count} versions`,
    select: (versions) => descending(versions).slice(0, count),
  };
}

/** Every version there is. */
export function all(): VersionPolicy {
  return { description: "all versions", select: descending };
}

/**
 * The given versions, as far as they exist.
 * @throws ServingError INVALID_ARGUMENT if one of them cannot be a version
 */
export function exactly(versions: readonly number[]): VersionPolicy {
  for (const version of versions) checkVersion("exactly()", version);
  const wanted = new Set(versions);
  return {
    description: `exactly version ${[...wanted].join(", ")}`,
    select: (existing) => descending(existing).filter((version) => wanted.has(version)),
  };
}
