import { ServingError } from "../errors.js";
import type { Loader } from "../loader.js";
import { formatId } from "../servable.js";
import type { AspiredVersion, AspiredVersions, SkippedEntry } from "../source/source.js";
import type { WantedVersion } from "../version/model-state.js";

/** A list of a source, as a model takes it. */
export interface SiftedList<S> {
  readonly wanted: readonly WantedVersion[];
  /** By version; of a version that is listed twice, the last. */
  readonly items: ReadonlyMap<number, AspiredVersion<Loader<S>>>;
  readonly skipped: readonly SkippedEntry[];
}

/** Keeps the versions with a good number; the others are skipped with a reason. */
export function siftList<S>(list: AspiredVersions<Loader<S>>): SiftedList<S> {
  const good = list.versions.filter((item) => Number.isSafeInteger(item.version) && item.version >= 0);
  const bad = list.versions.filter((item) => !good.includes(item));
  const items = new Map(good.map((item) => [item.version, item]));
  const reason = "not a version: a non-negative safe integer";
  return {
    items,
    wanted: [...items.values()].map((item) => wantedOf(list.name, item)),
    skipped: [...(list.skipped ?? []), ...bad.map(({ version }) => ({ entry: String(version), reason }))],
  };
}

function wantedOf(name: string, item: AspiredVersion<unknown>): WantedVersion {
  const { version } = item;
  if (!("error" in item)) return { version, revision: item.revision };
  return {
    version,
    revision: undefined,
    error: ServingError.from(item.error, "LOAD_FAILED", formatId({ name, version })),
  };
}
