// A source of versions out of a JSON manifest on a web server:
// { "versions": [{ "version": 3, "url": "3.json", "digest": "9f86d0…" }, …] }
import { catchError, defer, distinctUntilChanged, EMPTY, exhaustMap, map, timer } from "rxjs";
import { fromFetch } from "rxjs/fetch";

/**
 * Looks at the manifest at each of `ticks`; the data of a version is where its file lies. A fault is told to `onWarning`
 * and passes: what was listed stays listed until a later look.
 */
export function manifestSource({ name, url, ticks = timer(0, 5_000), onWarning = console.warn }) {
  const look = fromFetch(url, {
    selector: async (response) => {
      if (!response.ok) throw new Error(`${url} answered ${response.status}`);
      return response.json();
    },
  });
  const lookOnce = () =>
    look.pipe(
      map((manifest) => listOf(name, manifest, url)),
      catchError((error) => {
        onWarning(`${name}: ${error.message}; the next look may do better`);
        return EMPTY;
      }),
    );
  return defer(() => ticks.pipe(exhaustMap(lookOnce), distinctUntilChanged(isSame)));
}

/** The complete list of versions that a manifest speaks of; entries that are none are told with the reason. */
export function listOf(name, manifest, url) {
  if (!Array.isArray(manifest?.versions)) throw new Error(`${url} has no list of "versions"`);
  const versions = new Map();
  const skipped = [];
  for (const entry of manifest.versions) {
    const reason = faultOf(entry, versions);
    if (reason !== undefined) skipped.push({ entry: JSON.stringify(entry), reason });
    else {
      const { version, digest } = entry;
      versions.set(version, { version, revision: digest, data: { url: new URL(entry.url, url).href } });
    }
  }
  return { name, versions: [...versions.values()], skipped };
}

function faultOf(entry, versions) {
  if (!Number.isSafeInteger(entry?.version) || entry.version < 0) return "its version is not an integer from 0 on";
  if (typeof entry.url !== "string" || typeof entry.digest !== "string") return "it needs a url and a digest";
  return versions.has(entry.version) ? `version ${entry.version} was listed before` : undefined;
}

function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
