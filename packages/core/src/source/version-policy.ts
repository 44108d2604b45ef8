import { checkVersion } from "../servable.js";
import type { SkippedEntry } from "./source.js";

/** Chooses, among the versions that exist, those that should be loaded. Pure. */
export interface VersionPolicy {
  /** For messages: "the latest 2 versions". */
  readonly description: string;
  /** Takes versions in any order, also repeatedly; gives each of the chosen ones once, in descending order. */
  select(versions: readonly number[]): readonly number[];
  /** The versions that it was told of by number and that do not exist, in descending order. */
  missing?(versions: readonly number[]): readonly number[];
}

/** What a source lists as skipped because `policy` asks for it by number and it is not among the `existing` versions. */
export function missingVersions(policy: VersionPolicy, existing: readonly number[]): readonly SkippedEntry[] {
  const missing = policy.missing?.(existing) ?? [];
  return missing.map((version) => ({
    entry: String(version),
    reason: `it does not exist, and ${policy.description} should be loaded`,
  }));
}

const descending = (versions: Iterable<number>): number[] => [...new Set(versions)].sort((a, b) => b - a);

/**
 * The `count` highest versions, or all where there are fewer; TensorFlow Serving's default with 1.
 * @throws RangeError if `count` is not a positive integer: `exactly([])` is how to load nothing, `all()` everything
 */
export function latest(count = 1): VersionPolicy {
  if (!Number.isSafeInteger(count) || count < 1)
    throw new RangeError(`latest(${count}): count must be an integer from 1`);
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
 * The given versions, as far as they exist; a source says in its skipped entries which do not. One that is given twice
 * counts once, and none are wanted if none are given.
 * @throws ServingError INVALID_ARGUMENT if one of them cannot be a version
 */
export function exactly(versions: readonly number[]): VersionPolicy {
  for (const version of versions) checkVersion("exactly()", version);
  const wanted = descending(versions);
  return {
    description: wanted.length === 0 ? "no version" : `exactly version ${wanted.join(", ")}`,
    select: (existing) => wanted.filter((version) => existing.includes(version)),
    missing: (existing) => wanted.filter((version) => !existing.includes(version)),
  };
}
