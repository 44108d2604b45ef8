import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { staysInside } from "@servable/saved-model";
import { writeWhole } from "./cache/entry.js";
import type { WantedFile } from "./fetch/wanted-file.js";

/** A version that was opened once. */
export interface KnownVersion {
  readonly revision: string;
  readonly newestMs: number;
  readonly files: readonly WantedFile[];
}

/** The versions below an address that were opened, by folder: kept on the disk for a start without the store. */
export interface KnownVersions {
  all(): Promise<ReadonlyMap<string, KnownVersion>>;
  /** Keeps another one, if the disk takes it. Those that `exists` does not know any more are forgotten. */
  add(folder: string, version: KnownVersion, exists: (folder: string) => boolean): Promise<void>;
}

/** The known versions of an address, in a cache folder that is there. */
export function knownVersions(cacheFolder: string, url: string): KnownVersions {
  const path = join(cacheFolder, "places", `${createHash("sha256").update(url).digest("hex").slice(0, 40)}.json`);
  let loading: Promise<Map<string, KnownVersion>> | undefined;
  const load = (): Promise<Map<string, KnownVersion>> => {
    loading ??= readFile(path, "utf8")
      .then(parse)
      .catch(() => new Map<string, KnownVersion>());
    return loading;
  };
  let writing: Promise<void> = Promise.resolve();
  return {
    all: load,
    add(folder, version, exists) {
      const write = async (): Promise<void> => {
        const versions = await load();
        if (versions.get(folder)?.revision === version.revision) return;
        versions.set(folder, version);
        for (const each of versions.keys()) if (!exists(each)) versions.delete(each);
        await writeWhole(path, JSON.stringify({ url, versions: [...versions] }));
      };
      // Only a help for later: a disk that takes nothing is told of when a model is to be fetched.
      writing = writing.then(write).catch(() => {});
      return writing;
    },
  };
}

function parse(text: string): Map<string, KnownVersion> {
  const { versions } = JSON.parse(text) as { versions: [string, KnownVersion][] };
  const good = versions.filter(
    ([folder, { revision, newestMs, files }]) =>
      typeof folder === "string" &&
      typeof revision === "string" &&
      typeof newestMs === "number" &&
      files.every(({ name, key, sizeBytes, etag }) => {
        return staysInside(name) && typeof key === "string" && typeof etag === "string" && sizeBytes >= 0;
      }),
  );
  return new Map(good);
}
