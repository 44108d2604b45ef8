import { ServingError } from "../errors.js";
import type { Loader } from "../loader.js";
import { formatId } from "../servable.js";
import type { AspiredVersion, AspiredVersions, SkippedEntry } from "../source/source.js";
import type { WantedVersion } from "../version/model-state.js";

/** A list of a source, as a model takes it. */
export interface SiftedList<S> {
  readonly wanted: readonly WantedVersion[];
  /** By version, of those that could be made. */
  readonly loaders: ReadonlyMap<number, Loader<S>>;
  readonly skipped: readonly SkippedEntry[];
}

/** Keeps the versions with a good number; the others are skipped with a reason. */
export function siftList<S>(list: AspiredVersions<Loader<S>>): SiftedList<S> {
  const good = list.versions.filter((item) => Number.isSafeInteger(item?.version) && item.version >= 0);
  const bad = list.versions.filter((item) => !good.includes(item));
  // Of a version that is listed twice, the last.
  const items = new Map(good.map((item) => [item.version, item]));
  const reason = "not a version: a non-negative safe integer";
  return {
    wanted: [...items.values()].map((item) => wantedOf(list.name, item)),
    loaders: new Map([...items].flatMap(([version, item]) => (hasLoader(item) ? [[version, item.data]] : []))),
    skipped: [...(list.skipped ?? []), ...bad.map((item) => ({ entry: String(item?.version), reason }))],
  };
}

function wantedOf(name: string, item: AspiredVersion<Loader<unknown>>): WantedVersion {
  const { version } = item;
  if (hasLoader(item)) return { version, revision: item.revision };
  const id = formatId({ name, version });
  const error =
    "error" in item
      ? ServingError.from(item.error, "LOAD_FAILED", id)
      : new ServingError("INVALID_ARGUMENT", `${id}: its source gives no loader; pipe the source through loadWith()`);
  return { version, revision: undefined, error };
}

function hasLoader<S>(item: AspiredVersion<Loader<S>>): item is Extract<typeof item, { readonly data: unknown }> {
  return "data" in item && typeof item.data?.load === "function";
}
