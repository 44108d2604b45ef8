import { mkdir, readdir, rename, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { type OpenContext, type OpenFiles, ServingError } from "@servable/core";
import { openBundle, VARIABLES_PREFIX } from "@servable/saved-model";
import { folderFiles, readFileIn, systemCodeOf } from "@servable/source-folders";
import { type FetchedFile, type FetchSettings, fetchFiles } from "../fetch/fetch-files.js";
import type { WantedFile } from "../fetch/wanted-file.js";
import { mayPass, type ObjectStore } from "../store/object-store.js";
import { checkLater } from "./check-later.js";
import { type Claim, makeClaims } from "./claims.js";
import { diskError } from "./disk-error.js";
import { type EntryRecord, entryKey, readRecord, syncFolder, writeRecord, wrongWith } from "./entry.js";
import { makeRoom, sweep } from "./evict.js";
import { isRunning, MACHINE, parseOwner } from "./owner.js";

/** A cache of model versions in a local folder, which several processes may share. */
export interface ModelCache {
  /**
   * The files of a version: those in the cache, or else fetched into it. They are leased until disposal.
   * @throws ServingError NOT_AVAILABLE and others if they cannot be fetched or kept; the reason of the signal
   */
  open(version: CachedVersion, context: OpenContext): Promise<OpenFiles>;
  /** Whether the files of a version are in the cache. */
  has(version: CachedVersion): Promise<boolean>;
  readonly folder: string;
}

/** A version, as a cache knows it. */
export interface CachedVersion {
  /** Its address. */
  readonly place: string;
  readonly files: readonly WantedFile[];
  readonly store: ObjectStore;
}

/** How a cache is kept. */
export interface CacheSettings {
  readonly folder: string;
  readonly maxBytes: number;
  readonly fetch: FetchSettings;
  readonly onWarning: (text: string) => void;
}

const PARTS = ["entries", "staging", "claims", "quarantine", "places"];

/** Opens a cache; its folders are made at the first use. */
export function modelCache({ folder, maxBytes, fetch, onWarning }: CacheSettings): ModelCache {
  const claims = makeClaims(join(folder, "claims"));
  let ready: Promise<void> | undefined;
  const prepare = (): Promise<void> => {
    ready ??= begin(folder).catch((error: unknown) => {
      ready = undefined;
      throw error;
    });
    return ready;
  };
  const pathOf = (key: string): string => join(folder, "entries", key);

  /** The entry, if it is whole; a damaged one is put aside. */
  const find = async (key: string): Promise<EntryRecord | undefined> => {
    const record = await readRecord(pathOf(key));
    const marked = record !== undefined && (await readdir(pathOf(key))).includes("damaged");
    const wrong =
      record === undefined ? undefined : marked ? "its digests are wrong" : await wrongWith(pathOf(key), record);
    if (record !== undefined && wrong === undefined) return record;
    await putAside(key, wrong);
    return undefined;
  };
  const putAside = async (key: string, wrong: string | undefined): Promise<void> => {
    const aside = join(folder, "quarantine", `${key}.${Date.now()}`);
    const moved = await rename(pathOf(key), aside).then(
      () => true,
      () => false,
    );
    if (moved)
      onWarning(
        `${pathOf(key)} is damaged (${wrong ?? "it has no record"}): it was moved to ${aside} and is fetched again`,
      );
  };

  /** A folder to fetch into: what a process that ended has begun is taken over. */
  const stage = async (key: string, owner: string): Promise<string> => {
    const staging = join(folder, "staging", `${key}.${owner}`);
    for (const name of await readdir(join(folder, "staging"))) {
      if (!name.startsWith(`${key}.`)) continue;
      const before = parseOwner(name.slice(key.length + 1));
      // Of another machine, or before a restart of this one, nobody knows how much of it reached the disk.
      if (name !== leftName(key) && (before === undefined || isRunning(before) !== false)) continue;
      const taken = await rename(join(folder, "staging", name), staging).then(
        () => true,
        () => false,
      );
      if (taken) return staging;
    }
    await mkdir(staging);
    return staging;
  };

  const download = async (
    { store, files }: CachedVersion,
    context: OpenContext,
    { key, owner }: Target,
  ): Promise<EntryRecord> => {
    const neededBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const used = await makeRoom(folder, claims, { maxBytes, neededBytes, key });
    if (used + neededBytes > maxBytes) {
      const text = `the model takes ${neededBytes} bytes, and of the ${maxBytes} of the cache ${folder} ${used} are in use; raise maxBytes`;
      throw new ServingError("RESOURCE_EXHAUSTED", text, { retryable: used > 0 });
    }
    const staging = await stage(key, owner);
    let keep = false;
    try {
      const fetched = await fetchFiles({ store, files, folder: staging, settings: fetch, ...contextOf(context) });
      await checkCheckpoint(join(staging, "files"), fetched);
      await writeRecord(staging, fetched);
      await rm(join(staging, "parts.log"), { force: true });
      await syncTree(join(staging, "files"), files);
      await rename(staging, pathOf(key));
      await syncFolder(join(folder, "entries"));
      const record = await readRecord(pathOf(key));
      if (record === undefined) throw new ServingError("INTERNAL", `${pathOf(key)} has vanished`);
      return record;
    } catch (error) {
      // Of what was aborted, or has failed for now, the next try goes on.
      keep = context.signal.aborted || mayPass(error);
      throw error;
    } finally {
      const remove = (): Promise<void> => rm(staging, { recursive: true, force: true });
      if (keep) await rename(staging, join(folder, "staging", leftName(key))).catch(remove);
      else await remove();
    }
  };

  return {
    folder,
    async has({ place, files }) {
      await prepare();
      const path = pathOf(entryKey(place, files));
      const record = await readRecord(path);
      return record !== undefined && (await wrongWith(path, record)) === undefined;
    },
    async open(version, context) {
      const { signal } = context;
      signal.throwIfAborted();
      const key = entryKey(version.place, version.files);
      let lock: Claim | undefined;
      try {
        await prepare();
        lock = await claims.lock(key, signal);
        const record = (await find(key)) ?? (await download(version, context, { key, owner: lock.owner }));
        signal.throwIfAborted();
        const now = new Date();
        await utimes(join(pathOf(key), "entry.json"), now, now);
        const lease = await claims.lease(key);
        return leased(await folderFiles(join(pathOf(key), "files")).open(context), {
          lease,
          stopCheck: checkLater({ folder: pathOf(key), record, onWarning }),
        });
      } catch (error) {
        signal.throwIfAborted();
        throw diskError(error, folder) ?? error;
      } finally {
        await lock?.[Symbol.asyncDispose]();
      }
    },
  };
}

interface Target {
  readonly key: string;
  readonly owner: string;
}

/** The name of a download that waits to be taken up again. */
function leftName(key: string): string {
  return `${key}.left-${MACHINE}`;
}

function contextOf(context: OpenContext): OpenContext {
  return { signal: context.signal, report: (progress) => context.report(progress) };
}

async function begin(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const part of PARTS) {
    // One by one, since making folders recursively hides that a disk is read-only.
    await mkdir(join(folder, part)).catch((error: unknown) => {
      if (systemCodeOf(error) !== "EEXIST") throw error;
    });
  }
  await sweep(folder);
}

/** Opened files that hold their entry in the cache. */
function leased(
  files: OpenFiles,
  { lease, stopCheck }: { readonly lease: Claim; readonly stopCheck: () => void },
): OpenFiles {
  return {
    ...files,
    async [Symbol.asyncDispose]() {
      stopCheck();
      await files[Symbol.asyncDispose]();
      await lease[Symbol.asyncDispose]();
    },
  };
}

/** Where the store did not say what the bytes sum up to, the checkpoint does, tensor by tensor. */
async function checkCheckpoint(folder: string, fetched: readonly FetchedFile[]): Promise<void> {
  const unsure = fetched.some(({ name, verified }) => name.startsWith(`${VARIABLES_PREFIX}.`) && !verified);
  if (!unsure || !fetched.some(({ name }) => name === `${VARIABLES_PREFIX}.index`)) return;
  try {
    const bundle = await openBundle((name, range) => readFileIn(folder, name, range), VARIABLES_PREFIX);
    for (const key of bundle.keys) await bundle.read(key);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code !== "DATA_LOSS") return;
    throw ServingError.from(error, "DATA_LOSS", "the checkpoint in the bucket is damaged");
  }
}

/** Makes the names of files last, in every folder on the way. */
async function syncTree(root: string, files: readonly WantedFile[]): Promise<void> {
  const folders = new Set([""]);
  for (const { name } of files) {
    const segments = name.split("/");
    for (let depth = 1; depth < segments.length; depth++) folders.add(segments.slice(0, depth).join("/"));
  }
  for (const each of folders) await syncFolder(join(root, each));
}
