import { createHash } from "node:crypto";
import { open, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DigestAlgorithm } from "../fetch/expected-digest.js";
import type { FetchedFile } from "../fetch/fetch-files.js";
import type { WantedFile } from "../fetch/wanted-file.js";

/** A file of an entry, as it was when it was verified. */
export interface EntryFile extends Omit<FetchedFile, "verified"> {
  readonly mtimeMs: number;
}

/** What is known of an entry: `entry.json` beside its `files/`. */
export interface EntryRecord {
  readonly files: readonly EntryFile[];
}

/**
 * The name of the entry that holds these files: by what they are, where a manifest says that, wherever they come from;
 * else by their etags and where they come from.
 */
export function entryKey(place: string, files: readonly WantedFile[]): string {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  const byContent = sorted.every(({ sha256 }) => sha256 !== undefined);
  const rows = sorted.map(({ name, sizeBytes, etag, sha256, key }) =>
    byContent ? [name, sizeBytes, sha256] : [name, sizeBytes, etag, place, key],
  );
  return createHash("sha256").update(JSON.stringify(rows)).digest("hex").slice(0, 40);
}

/** Writes the record of an entry whose files are in place, and syncs it. */
export async function writeRecord(folder: string, fetched: readonly FetchedFile[]): Promise<void> {
  const files: EntryFile[] = [];
  for (const { name, sizeBytes, algorithm, digest } of fetched) {
    const { mtimeMs } = await stat(join(folder, "files", ...name.split("/")));
    files.push({ name, sizeBytes, algorithm, digest, mtimeMs });
  }
  await writeWhole(join(folder, "entry.json"), JSON.stringify({ files } satisfies EntryRecord));
}

/** The record of an entry; undefined if there is none that can be read. */
export async function readRecord(folder: string): Promise<EntryRecord | undefined> {
  try {
    return recordIn(JSON.parse(await readFile(join(folder, "entry.json"), "utf8")));
  } catch {
    return undefined;
  }
}

/** What is wrong with the files of an entry by size and time; undefined if nothing is. */
export async function wrongWith(folder: string, { files }: EntryRecord): Promise<string | undefined> {
  for (const { name, sizeBytes, mtimeMs } of files) {
    const stats = await stat(join(folder, "files", ...name.split("/"))).catch(() => undefined);
    if (stats === undefined || !stats.isFile()) return `${name} is gone`;
    if (stats.size !== sizeBytes) return `${name} has ${stats.size} of ${sizeBytes} bytes`;
    if (stats.mtimeMs !== mtimeMs) return `${name} was changed`;
  }
  return undefined;
}

/** Writes a file so that it is there whole or not at all. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const next = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await writeFile(next, text, { flush: true });
  await rename(next, path);
  await syncFolder(dirname(path));
}

/** Makes the names in a folder last, where the system knows how. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const ALGORITHMS: readonly DigestAlgorithm[] = ["md5", "sha1", "sha256", "crc32", "crc32c"];

function recordIn(value: unknown): EntryRecord | undefined {
  if (typeof value !== "object" || value === null || !("files" in value) || !Array.isArray(value.files))
    return undefined;
  const files = value.files.filter(isEntryFile);
  return files.length === value.files.length ? { files } : undefined;
}

function isEntryFile(value: unknown): value is EntryFile {
  if (typeof value !== "object" || value === null) return false;
  const { name, sizeBytes, algorithm, digest, mtimeMs } = value as Partial<Record<keyof EntryFile, unknown>>;
  return (
    typeof name === "string" &&
    typeof sizeBytes === "number" &&
    typeof digest === "string" &&
    typeof mtimeMs === "number" &&
    ALGORITHMS.some((each) => each === algorithm)
  );
}
