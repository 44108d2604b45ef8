import { map } from "rxjs";
import type { AspiredVersions, Source, SourceAdapter } from "./source.js";

/**
 * A source adapter that converts the data of every version. Versions with an error pass unchanged; a conversion that
 * throws makes an error of that version alone.
 */
export function mapData<A, B>(convert: (data: A, version: number) => B): SourceAdapter<A, B> {
  return <N extends string>(source: Source<A, N>): Source<B, N> =>
    source.pipe(
      map(
        (aspired): AspiredVersions<B, N> => ({
          ...aspired,
          versions: aspired.versions.map((version) => {
            if ("error" in version) return version;
            try {
              return { ...version, data: convert(version.data, version.version) };
            } catch (error) {
              return { version: version.version, error };
            }
          }),
        }),
      ),
    );
}
