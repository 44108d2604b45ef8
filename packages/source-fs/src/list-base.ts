import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type BaseEntry, saysMissing } from "@servable/source-folders";

/**
 * Lists the entries of a base path.
 * @throws what the file system throws for the base path itself
 */
export async function listBase(path: string): Promise<readonly BaseEntry[]> {
  const entries: BaseEntry[] = [];
  for (const entry of await readdir(path, { withFileTypes: true })) {
    entries.push({ name: entry.name, kind: await kindOf(path, entry) });
  }
  return entries;
}

async function kindOf(path: string, entry: Dirent): Promise<BaseEntry["kind"]> {
  if (entry.isDirectory()) return "folder";
  if (entry.isFile()) return "file";
  try {
    return (await stat(join(path, entry.name))).isDirectory() ? "folder" : "file";
  } catch (error) {
    if (saysMissing(error)) return "dangling-link";
    // A fault of the moment: what was offered from here must not be taken for removed. Looking into it tells more.
    return "folder";
  }
}
