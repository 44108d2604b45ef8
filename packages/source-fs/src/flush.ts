import { open } from "node:fs/promises";

/** Brings a file that was written to the disk. */
export async function flush(file: string): Promise<void> {
  // Windows flushes only what is open for writing; elsewhere a file may be read-only, or a folder.
  const handle = await open(file, process.platform === "win32" ? "r+" : "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Brings the names in folders to the disk, where the system can: Windows does so by itself and opens no folder. */
export async function flushFolders(folders: Iterable<string>): Promise<void> {
  if (process.platform === "win32") return;
  for (const folder of folders) await flush(folder);
}
