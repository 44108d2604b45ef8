import type { AspiredVersion, AspiredVersions } from "./source.js";

/**
 * Whether two lists of one name say the same, so that the second need not be told: the same versions with the same
 * revisions or errors in the same order, and the same words. Data is not compared, since a look makes it anew.
 */
export function sameList(a: AspiredVersions<unknown>, b: AspiredVersions<unknown>): boolean {
  return a === b || keyOf(a) === keyOf(b);
}

/** All that is compared is text and numbers. */
function keyOf({ name, versions, skipped = [], notes = [] }: AspiredVersions<unknown>): string {
  return JSON.stringify([name, versions.map(versionKey), skipped.map(({ entry, reason }) => [entry, reason]), notes]);
}

function versionKey(version: AspiredVersion<unknown>): readonly unknown[] {
  if ("error" in version) return [version.version, "error", String(version.error)];
  return [version.version, "data", version.revision ?? null];
}
