import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { FileEntry } from "@servable/core";
import { saysMissing } from "./system-error.js";

/** All that a folder holds, as it stands now. */
export interface FolderState {
  /** Regular files, those in folders below included, by name. */
  readonly files: readonly ListedFile[];
  /** When something in the folder was last changed: files, folders, names and attributes. */
  readonly newestMs: number;
}

/** A file, with what tells its states apart. */
export interface ListedFile extends FileEntry {
  readonly mtimeNs: bigint;
}

interface Walk {
  readonly files: ListedFile[];
  newestNs: bigint;
}

/**
 * Lists a folder and the folders below it, through links. What vanishes meanwhile is left out.
 * @throws what the file system throws, in particular ENOENT and ENOTDIR for the folder itself
 */
export async function listFolder(path: string): Promise<FolderState> {
  const walk: Walk = { files: [], newestNs: 0n };
  const { dev, ino } = await stat(path, { bigint: true });
  await visit(walk, { path, name: "", above: new Set([`${dev}:${ino}`]) });
  touch(walk, await stat(path, { bigint: true }));
  walk.files.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { files: walk.files, newestMs: Number(walk.newestNs / 1_000_000n) };
}

interface Place {
  readonly path: string;
  readonly name: string;
  /** The folders on the way here: a link back to one of them would never end. */
  readonly above: ReadonlySet<string>;
}

// One call at a time: the thread pool of four is shared with whatever computes and resolves names in this process.
async function visit(walk: Walk, { path, name, above }: Place): Promise<void> {
  for (const entry of await readdir(path)) {
    const place = { path: join(path, entry), name: name === "" ? entry : `${name}/${entry}` };
    try {
      const stats = await stat(place.path, { bigint: true });
      const identity = `${stats.dev}:${stats.ino}`;
      touch(walk, stats);
      if (stats.isFile()) {
        walk.files.push({ name: place.name, sizeBytes: Number(stats.size), mtimeNs: stats.mtimeNs });
      } else if (stats.isDirectory() && !above.has(identity)) {
        await visit(walk, { ...place, above: new Set([...above, identity]) });
      }
    } catch (error) {
      if (!saysMissing(error)) throw error;
    }
  }
}

function touch(walk: Walk, { mtimeNs, ctimeNs }: { readonly mtimeNs: bigint; readonly ctimeNs: bigint }): void {
  for (const timeNs of [mtimeNs, ctimeNs]) if (timeNs > walk.newestNs) walk.newestNs = timeNs;
}

/** Names the state of a version folder: the same text means the same folder with the same files. */
export function revisionOf(entry: string, files: readonly ListedFile[]): string {
  const hash = createHash("sha256");
  // JSON, since names may hold any character.
  hash.update(JSON.stringify(entry));
  for (const { name, sizeBytes, mtimeNs } of files) hash.update(JSON.stringify([name, sizeBytes, `${mtimeNs}`]));
  return hash.digest("hex").slice(0, 32);
}
