import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { digestThread } from "../fetch/digest-thread.js";
import type { EntryRecord } from "./entry.js";

/** Not while the model is being loaded, which is what its user waits for. */
const DELAY_MS = 30_000;

/** An open entry whose digests are to be checked. */
export interface CheckedEntry {
  readonly folder: string;
  readonly record: EntryRecord;
  readonly onWarning: (text: string) => void;
  /** @defaultValue half a minute */
  readonly delayMs?: number;
}

/**
 * Checks the digests of an entry in the background. A damaged one is marked: what is open stays, the next to open it
 * fetches it again. The function returned ends the check.
 */
export function checkLater({ folder, record, onWarning, delayMs = DELAY_MS }: CheckedEntry): () => void {
  const aborting = new AbortController();
  const check = async (): Promise<void> => {
    await using digests = digestThread();
    for (const { name, sizeBytes, algorithm, digest } of record.files) {
      const path = join(folder, "files", ...name.split("/"));
      const found = await digests.digest({ path, sizeBytes, algorithm }, aborting.signal);
      if (found === digest) continue;
      await writeFile(join(folder, "damaged"), name);
      onWarning(`${folder}: ${name} has changed on the disk; it is fetched again when the version is next loaded`);
      return;
    }
  };
  // A file that cannot be read is seen when the version is next opened.
  const timer = setTimeout(() => void check().catch(() => {}), delayMs);
  timer.unref();
  return () => {
    clearTimeout(timer);
    aborting.abort();
  };
}
