import { from, type Observable } from "rxjs";
import { ServingError } from "../errors.js";
import { checkVersion } from "../servable.js";
import type { AspiredVersions } from "./source.js";

/** The data of models that never change, by name and version number. */
export type StaticModels = Readonly<Record<string, Readonly<Record<number, unknown>>>>;

/** The lists of {@link StaticModels}: one kind of list for each name, with its own data. */
export type StaticLists<M extends StaticModels> = {
  [N in keyof M & string]: AspiredVersions<M[N][keyof M[N]], N>;
}[keyof M & string];

/**
 * A source of models that never change: `staticSource({ vocab: { 1: lookupTable(entries) } })`. It emits one list for
 * each name and completes, so that everything in it stays loaded. Names and types flow to the manager.
 * @throws ServingError INVALID_ARGUMENT for a name that is empty or a number that cannot be a version
 */
export function staticSource<M extends StaticModels>(models: M): Observable<StaticLists<M>> {
  const lists = Object.entries(models).map(([name, versions]) => listOf(name, versions));
  // The names and data are those of `models`, which the compiler does not see through Object.entries.
  return from(lists as StaticLists<M>[]);
}

function listOf(name: string, versions: Readonly<Record<string, unknown>>): AspiredVersions<unknown> {
  const where = `staticSource(${JSON.stringify(name)})`;
  if (name === "") throw new ServingError("INVALID_ARGUMENT", `${where}: a model needs a name`);
  const numbered = Object.entries(versions).map(([key, data]) => {
    const version = Number(key);
    checkVersion(where, version);
    // "01" and "1e3" are other keys than the numbers that they could be read as.
    if (String(version) === key) return { version, data };
    throw new ServingError("INVALID_ARGUMENT", `${where}: "${key}" is not a version; write it as ${version}`);
  });
  return { name, versions: numbered };
}
