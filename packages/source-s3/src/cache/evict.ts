import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Claims } from "./claims.js";
import { readRecord } from "./entry.js";
import { isRunning, parseOwner } from "./owner.js";

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
}

/**
 * Makes room in a cache: removes the entries that were unused for the longest, and never one that somebody has leased.
 * @returns the bytes that lie there afterwards
 */
export async function makeRoom(folder: string, claims: Claims, room: Room): Promise<number> {
  const entries = await storedEntries(join(folder, "entries"));
  let total = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  for (const { key, sizeBytes } of evictionOrder(entries, room)) {
    if (total + room.neededBytes <= room.maxBytes) break;
    if (await remove(folder, claims, key)) total -= sizeBytes;
  }
  return total;
}

async function remove(folder: string, claims: Claims, key: string): Promise<boolean> {
  const lock = await claims.tryLock(key);
  if (lock === undefined) return false;
  try {
    if ((await claims.leases(key)) > 0) return false;
    // Renamed first: what is being removed is no entry any more.
    const trash = join(folder, "staging", `trash.${lock.owner}`);
    await rename(join(folder, "entries", key), trash);
    await rm(trash, { recursive: true, force: true });
    return true;
  } catch (error) {
    // Another process was faster.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return true;
    throw error;
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

/** A download that its process left is of use to the next start; one that nobody took up for so long is not. */
const ABANDONED_MS = 3_600_000;

/** Removes what killed processes left, and nobody has taken up since. */
export async function sweep(folder: string): Promise<void> {
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
