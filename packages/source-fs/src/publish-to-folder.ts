import { copyFile, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { ServingError } from "@servable/core";
import { formatManifest, MANIFEST_FILE } from "@servable/saved-model";
import { manifestFiles } from "@servable/source-folders";
import { flush, flushFolders } from "./flush.js";
import { claimStaging, removeLeftovers } from "./publish-staging.js";

/** What is put where. */
export interface FolderPublishOptions {
  /** A folder that holds one version: `saved_model.pb` and what belongs to it. */
  readonly folder: string;
  /** The model's folder, which holds the version folders; it is made if it is not there. */
  readonly path: string;
  /** Its number. @defaultValue the highest that is there, and one */
  readonly version?: number | undefined;
  /** @defaultValue never aborted */
  readonly signal?: AbortSignal | undefined;
}

/** What was put. */
export interface FolderPublished {
  readonly version: number;
  readonly path: string;
  readonly files: number;
  readonly totalBytes: number;
}

/**
 * Copies a version, with a manifest, into a model's folder in one step: nobody ever sees half of it, not
 * even after the power failed. What a publish on this host that was killed has left there is removed.
 * @throws ServingError FAILED_PRECONDITION if the folder is not complete, ALREADY_EXISTS if the version is there
 */
export async function publishToFolder(options: FolderPublishOptions): Promise<FolderPublished> {
  const { folder, signal = new AbortController().signal } = options;
  const base = resolve(options.path);
  const files = await manifestFiles(folder, signal);
  await mkdir(base, { recursive: true });
  const numbers = (await readdir(base)).filter((name) => /^\d+$/.test(name)).map(Number);
  const version = options.version ?? Math.max(0, ...numbers) + 1;
  const path = join(base, String(version));
  const exists = (): ServingError =>
    new ServingError("ALREADY_EXISTS", `${path} is there already; publish another version`);
  if (numbers.includes(version)) throw exists();
  await removeLeftovers(base);
  using claim = claimStaging(base, version);
  const { staging } = claim;
  try {
    const folders = new Set([staging]);
    for (const { name } of files) {
      signal.throwIfAborted();
      const target = join(staging, ...name.split("/"));
      await mkdir(dirname(target), { recursive: true });
      for (let at = dirname(target); at !== staging; at = dirname(at)) folders.add(at);
      await copyFile(join(resolve(folder), ...name.split("/")), target);
      await flush(target);
    }
    await writeFile(join(staging, MANIFEST_FILE), formatManifest({ files }), { flush: true });
    await flushFolders(folders);
    await rename(staging, path);
    await flushFolders([base]);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    if (error instanceof Error && "code" in error && ["ENOTEMPTY", "EEXIST"].includes(String(error.code)))
      throw exists();
    throw error;
  }
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { version, path, files: files.length, totalBytes };
}
