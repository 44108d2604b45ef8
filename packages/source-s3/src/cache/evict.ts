import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Claims } from "./claims.js";
import { readRecord } from "./entry.js";
import { formatOwner, isRunning, newOwner, parseOwner } from "./owner.js";

/** An entry, as eviction looks at it. */
export interface StoredEntry {
  readonly key: string;
  readonly sizeBytes: number;
  /** When it was last opened. */
  readonly usedMs: number;
}

/** The entries to remove, the longest unused first, so that `neededBytes` more fit. Pure. */
export function evictionOrder(entries: readonly StoredEntry[], room: Room): readonly StoredEntry[] {
  const { maxBytes, neededBytes } = room;
  const total = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return total + neededBytes <= maxBytes ? [] : [...entries].sort((a, b) => a.usedMs - b.usedMs);
}

/** How much may lie in a cache, and how much is to come. */
export interface Room {
  readonly maxBytes: number;
  readonly neededBytes: number;
  /** The entry that is to come; what is there of it already is part of what it needs. */
  readonly key?: string;
}

/**
 * Makes room in a cache: removes what was put aside, and downloads that nobody goes on with, then the entries that were
 * unused for the longest, and never one that somebody has leased. Downloads that are under way count as what they will
 * take.
 * @returns the bytes that lie there afterwards
 */
export async function makeRoom(folder: string, claims: Claims, room: Room): Promise<number> {
  const entries = await storedEntries(join(folder, "entries"));
  let total = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const beside = await foldersBeside(folder, room.key);
  const sum = (folders: typeof beside): number => folders.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
  const isFull = total + sum(beside) + room.neededBytes > room.maxBytes;
  if (isFull) for (const { path, isUsed } of beside) if (!isUsed) await discard(folder, path);
  const underWay = sum(isFull ? beside.filter(({ isUsed }) => isUsed) : beside);
  const neededBytes = room.neededBytes + underWay;
  for (const { key, sizeBytes } of evictionOrder(entries, { ...room, neededBytes })) {
    if (total + neededBytes <= room.maxBytes) break;
    if (await remove(folder, claims, key)) total -= sizeBytes;
  }
  return total + underWay;
}

async function remove(folder: string, claims: Claims, key: string): Promise<boolean> {
  const lock = await claims.tryLock(key);
  if (lock === undefined) return false;
  try {
    if ((await claims.leases(key)) > 0) return false;
    await discard(folder, join(folder, "entries", key));
    return true;
  } finally {
    await lock[Symbol.asyncDispose]();
  }
}

async function storedEntries(folder: string): Promise<readonly StoredEntry[]> {
  const entries: StoredEntry[] = [];
  for (const key of await readdir(folder)) {
    const record = await readRecord(join(folder, key));
    const stats = await stat(join(folder, key, "entry.json")).catch(() => undefined);
    const sizeBytes = (record?.files ?? []).reduce((sum, file) => sum + file.sizeBytes, 0);
    entries.push({ key, sizeBytes, usedMs: stats?.mtimeMs ?? 0 });
  }
  return entries;
}

/** Removes a folder of a cache; renamed first, so that nobody takes up what is half removed. */
async function discard(folder: string, path: string): Promise<void> {
  const trash = join(folder, "staging", `trash.${formatOwner(newOwner())}`);
  try {
    await rename(path, trash);
  } catch (error) {
    // Another process was faster.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
    throw error;
  }
  await rm(trash, { recursive: true, force: true });
}

interface FolderBeside {
  readonly path: string;
  readonly sizeBytes: number;
  /** Whether a download is under way there, as far as is known. */
  readonly isUsed: boolean;
}

/** What lies in a cache apart from its entries, and from what is there of `key`. */
async function foldersBeside(folder: string, key: string | undefined): Promise<readonly FolderBeside[]> {
  const found: FolderBeside[] = [];
  for (const part of ["quarantine", "staging"]) {
    for (const name of await readdir(join(folder, part))) {
      if (part === "staging" && key !== undefined && name.startsWith(`${key}.`)) continue;
      const owner = parseOwner(name.slice(name.indexOf(".") + 1));
      const isUsed = part === "staging" && owner !== undefined && isRunning(owner) !== false;
      const path = join(folder, part, name);
      found.push({ path, sizeBytes: await bytesBelow(path), isUsed });
    }
  }
  return found;
}

/** Bytes of all files below a folder; what vanishes meanwhile counts for nothing. */
async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  let total = 0;
  for (const entry of entries) {
    if (entry.isFile())
      total += await stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      );
  }
  return total;
}

/** A download that its process left is of use to the next start; one that nobody took up for so long is not. */
const ABANDONED_MS = 3_600_000;

/** Removes what killed processes left, and nobody has taken up since. */
export async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(join(folder, "claims"))) {
    const owner = parseOwner(name.slice(name.lastIndexOf(".") + 1));
    if (owner !== undefined && isRunning(owner) === false) await rm(join(folder, "claims", name), { force: true });
  }
  for (const part of ["staging", "quarantine"]) {
    for (const name of await readdir(join(folder, part))) {
      const path = join(folder, part, name);
      const owner = parseOwner(name.slice(name.indexOf(".") + 1));
      const running = owner === undefined ? false : isRunning(owner);
      if (part === "staging" && running === true) continue;
      const stats = await stat(path).catch(() => undefined);
      const isTrash = name.startsWith("trash.") && running === false;
      if (stats !== undefined && (isTrash || Date.now() - stats.mtimeMs > ABANDONED_MS)) {
        await rm(path, { recursive: true, force: true });
      }
    }
  }
}
