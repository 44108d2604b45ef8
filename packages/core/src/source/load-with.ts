import type { Loader } from "../loader.js";
import { mapData } from "./map-data.js";
import type { SourceAdapter } from "./source.js";

/** Makes loaders out of a source's data: `fsSource(…).pipe(loadWith(savedModel()))`. */
export function loadWith<D, S>(toLoader: (data: D, version: number) => Loader<S>): SourceAdapter<D, Loader<S>> {
  return mapData(toLoader);
}
