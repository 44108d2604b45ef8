// A source of versions out of a JSON manifest on a web server:
// { "versions": [{ "version": 3, "url": "3.json", "digest": "9f86d0…" }, …] }
import { pollSource } from "@servable/core";

/**
 * Looks at the manifest again and again; the data of a version is where its file lies. `options` are those of
 * `pollSource`: how often to look, and whom to tell of faults, which pass and empty no list.
 */
export function manifestSource({ name, url, ...options }) {
  return pollSource({
    ...options,
    name,
    async look({ signal }) {
      const response = await fetch(url, { signal });
      if (!response.ok) throw new Error(`${url} answered ${response.status}`);
      return listOf(name, await response.json(), url);
    },
  });
}

/** The complete list of versions that a manifest speaks of; entries that are none are told with the reason. */
function listOf(name, manifest, url) {
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
