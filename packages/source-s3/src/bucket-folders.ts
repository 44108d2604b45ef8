import { createHash } from "node:crypto";
import { type ModelFiles, ServingError } from "@servable/core";
import { MANIFEST_FILE, staysInside } from "@servable/saved-model";
import type { BaseEntry, FolderListing, FolderStore, ReadOptions, WholeFolder } from "@servable/source-folders";
import type { ModelCache } from "./cache/model-cache.js";
import { withTries } from "./fetch/retry.js";
import type { WantedFile } from "./fetch/wanted-file.js";
import { type KnownVersion, knownVersions } from "./known-versions.js";
import type { S3SourceSettings } from "./options.js";
import { s3Files } from "./s3-files.js";
import { type StoredObject, StoreError } from "./store/object-store.js";
import { formatS3Url } from "./store/s3-url.js";

/** A bucket as a store of folders, and what is to be known of it. */
export interface BucketFolders {
  readonly folders: FolderStore<ModelFiles>;
  /** The next look takes nothing for granted. */
  forget(): void;
  /** Requests that the last look at the folder of the versions took, at most. */
  readonly pages: number;
}

/** What was listed of one folder of folders. */
interface LastListing {
  readonly entries: readonly BaseEntry[];
  /** Of the object there that changes with each publication. */
  readonly pointer: StoredObject | undefined;
  readonly atMs: number;
}

/** Tries of a request that nobody waits for; a store that asks to be asked less often is not asked again at once. */
const LOOK_TRIES = { attempts: 3, delayMs: 200 };

/** Makes {@link BucketFolders}; `onChanged` is called when a download has found that something else is there by now. */
export function bucketFolders(settings: S3SourceSettings, cache: ModelCache, onChanged: () => void): BucketFolders {
  const { name, place, store, clock, rules } = settings;
  const known = knownVersions(cache.folder, formatS3Url(place));
  const last = new Map<string, LastListing>();
  const wantedIn = new WeakMap<FolderListing, readonly WantedFile[]>();
  let pages = 1;
  /** Whether the store has ever answered, and whether it was away at the last look. */
  let met = false;
  let away = false;
  const keyOf = (folder: string): string => `${place.prefix}${folder === "" ? "" : `${folder}/`}`;
  const urlOf = (folder: string): string => formatS3Url(place, folder);

  const tried = <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> =>
    withTries(
      () =>
        work().catch((error: unknown) => {
          const slow = error instanceof StoreError && error.kind === "throttled";
          throw slow ? new StoreError("refused", error.message, { cause: error }) : error;
        }),
      { tries: LOOK_TRIES, signal },
    ).catch((error: unknown) => {
      // As it was before it was kept from being tried again.
      throw error instanceof StoreError && error.cause instanceof StoreError ? error.cause : error;
    });

  /** Whether an object that changes with each publication says that nothing was published. */
  const isUnchanged = async ({ pointer, atMs }: LastListing, signal: AbortSignal): Promise<boolean> => {
    const age = clock.now() - atMs;
    if (pointer === undefined || age < 0 || age >= settings.recheckMs) return false;
    try {
      const chunks = await store.get(pointer.key, { ifNoneMatch: pointer.etag, signal });
      for await (const _ of chunks) break;
      return false;
    } catch (error) {
      return error instanceof StoreError && error.kind === "unchanged";
    }
  };
  /** What was opened before, where the store has not answered since the start. */
  const remembered = async (error: unknown): Promise<ReadonlyMap<string, KnownVersion>> => {
    const found = met ? new Map<string, KnownVersion>() : await known.all();
    if (found.size === 0) throw error;
    if (!away) {
      const reason = error instanceof Error ? error.message : String(error);
      rules.onWarning(`${name}: ${urlOf("")} is away (${reason}); what was served before is taken from the cache`);
    }
    away = true;
    return found;
  };

  const folders: FolderStore<ModelFiles> = {
    clock,
    async list(folder, signal) {
      const before = last.get(folder);
      if (before !== undefined && (await isUnchanged(before, signal))) return before.entries;
      const prefix = keyOf(folder);
      try {
        const listing = await tried(() => store.list(prefix, { oneLevel: true, signal }), signal);
        const entries = entriesIn(listing.folders, listing.objects, prefix);
        const pointer = listing.objects.find(({ key }) => key === `${prefix}${MANIFEST_FILE}`);
        last.set(folder, { entries, pointer, atMs: clock.now() });
        pages = listing.requests;
        met = true;
        away = false;
        return entries;
      } catch (error) {
        signal.throwIfAborted();
        return foldersBelow(folder, [...(await remembered(error)).keys()]);
      }
    },
    async listFolder(folder, signal) {
      const before = away ? (await known.all()).get(folder) : undefined;
      // It was at rest when it was opened.
      if (before !== undefined) return listingOf({ ...before, newestMs: 0 });
      const prefix = keyOf(folder);
      const { objects } = await tried(() => store.list(prefix, { oneLevel: false, signal }), signal);
      const files = wantedFiles(objects, prefix);
      if (files.length === 0) throw new StoreError("missing", `${urlOf(folder)} holds no objects`);
      const newestMs = Math.max(...objects.map(({ modifiedMs }) => modifiedMs));
      return listingOf({ files, newestMs, revision: revisionOf(files) });
    },
    async readFile(whole, file, { range, signal }: ReadOptions) {
      const wanted = wantedIn.get(whole.listing)?.find((each) => each.name === file);
      if (wanted === undefined)
        throw new StoreError("missing", `${urlOf(whole.folder)}/${file}: there is no such object`);
      const work = async (): Promise<Uint8Array> => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of await store.get(wanted.key, { range, ifMatch: wanted.etag, signal }))
          chunks.push(chunk);
        const bytes = new Uint8Array(Buffer.concat(chunks));
        const { start, end } = range ?? { start: 0, end: wanted.sizeBytes };
        if (bytes.length !== end - start)
          throw new StoreError("passing", `${wanted.key}: ${bytes.length} of ${end - start} bytes`);
        return bytes;
      };
      return tried(work, signal);
    },
    async isKnown({ folder, listing }) {
      const before = (await known.all()).get(folder);
      if (before?.revision !== listing.revision) return false;
      if (!(await cache.has({ place: urlOf(folder), files: before.files, store }))) return false;
      // With the digests of its manifest, which need not be read again.
      wantedIn.set(listing, before.files);
      return true;
    },
    failureOf(error, folder) {
      const reason = error instanceof Error ? error.message : String(error);
      // A missing SDK, or certificates that are not there, stay missing.
      if (ServingError.is(error) && !error.retryable) throw error;
      if (!(error instanceof StoreError)) return { kind: "fault", reason };
      if (error.kind === "no-bucket") return { kind: "missing", reason: `there is no bucket ${place.bucket}` };
      if (error.kind === "missing") return { kind: "missing", reason: `there is nothing in ${urlOf(folder)}` };
      return { kind: error.kind === "refused" ? "unreadable" : "fault", reason };
    },
    nameOf: urlOf,
    dataOf(whole) {
      const { folder, listing } = whole;
      const files = filesOf(whole, wantedIn.get(listing) ?? []);
      const { revision, newestMs } = listing;
      const onOpened = (): Promise<void> =>
        known.add(folder, { revision, newestMs, files }, (each) => exists(each, last));
      return s3Files({ place: urlOf(folder), files, store }, { cache, onChanged, onOpened });
    },
  };

  function listingOf({ files, newestMs, revision }: KnownVersion): FolderListing {
    const listing = { files: files.map(({ name, sizeBytes }) => ({ name, sizeBytes })), newestMs, revision };
    wantedIn.set(listing, files);
    return listing;
  }

  return {
    folders,
    forget: () => last.clear(),
    get pages() {
      return pages;
    },
  };
}

/** The files of a version: those that its manifest lists, with their digests, or all that are there. */
function filesOf({ manifest }: WholeFolder, listed: readonly WantedFile[]): readonly WantedFile[] {
  if (manifest === undefined) return listed;
  const digests = new Map(manifest.files.map(({ name, sha256 }) => [name, sha256]));
  return listed.flatMap((file) => {
    const sha256 = digests.get(file.name);
    return sha256 === undefined ? [] : [{ ...file, sha256 }];
  });
}

function entriesIn(
  prefixes: readonly string[],
  objects: readonly StoredObject[],
  prefix: string,
): readonly BaseEntry[] {
  const below = (key: string): string => key.slice(prefix.length);
  return [
    ...prefixes.map((each): BaseEntry => ({ name: below(each).replace(/\/$/, ""), kind: "folder" })),
    ...objects
      // An object of that name stands for the folder itself; the pointer is ours.
      .filter(({ key }) => key !== prefix && below(key) !== MANIFEST_FILE)
      .map(({ key }): BaseEntry => ({ name: below(key), kind: "file" })),
  ];
}

/** The folders right below another one, of which only deeper ones are known. */
function foldersBelow(folder: string, known: readonly string[]): readonly BaseEntry[] {
  const prefix = folder === "" ? "" : `${folder}/`;
  const names = known.filter((each) => each.startsWith(prefix)).map((each) => each.slice(prefix.length).split("/")[0]);
  return [...new Set(names)].flatMap((name) => (name === undefined ? [] : [{ name, kind: "folder" }]));
}

function exists(folder: string, last: ReadonlyMap<string, LastListing>): boolean {
  const cut = folder.lastIndexOf("/");
  const above = last.get(cut === -1 ? "" : folder.slice(0, cut));
  return above === undefined || above.entries.some(({ name }) => name === folder.slice(cut + 1));
}

/** @throws StoreError for a key that cannot be the name of a file in a folder */
function wantedFiles(objects: readonly StoredObject[], prefix: string): readonly WantedFile[] {
  const files = objects
    // Consoles put empty objects in place of folders.
    .filter(({ key }) => !key.endsWith("/"))
    .map(({ key, sizeBytes, etag }) => ({ name: key.slice(prefix.length), key, sizeBytes, etag }));
  const wrong = files.find(({ name }) => !staysInside(name));
  if (wrong !== undefined)
    throw new StoreError("refused", `the object ${JSON.stringify(wrong.key)} cannot be a file in a folder`);
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function revisionOf(files: readonly WantedFile[]): string {
  const hash = createHash("sha256");
  for (const { name, sizeBytes, etag } of files) hash.update(JSON.stringify([name, sizeBytes, etag]));
  return hash.digest("hex").slice(0, 32);
}
