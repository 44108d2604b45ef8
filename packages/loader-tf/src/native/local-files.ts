import { mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type OpenFiles, type Progress, ServingError } from "@servable/core";
import { staysInside } from "@servable/saved-model";

/** A model's folder in the local file system, until disposal. */
export interface LocalFolder extends AsyncDisposable {
  readonly path: string;
}

/** What is copied at a time. */
const PIECE_BYTES = 16 * 2 ** 20;

/**
 * The folder that files lie in; files that lie elsewhere are copied into a private folder, which goes with disposal.
 * @throws the reason of `signal` when it aborts
 */
export async function localFolder(
  files: OpenFiles,
  { signal, report }: { readonly signal: AbortSignal; readonly report: (progress: Progress) => void },
): Promise<LocalFolder> {
  if (files.path !== undefined) return { path: files.path, async [Symbol.asyncDispose]() {} };
  const path = await mkdtemp(join(tmpdir(), "servable-"));
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true });
  try {
    const entries = await files.list();
    const total = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    let done = 0;
    for (const { name, sizeBytes } of entries) {
      if (!staysInside(name))
        throw new ServingError("INVALID_ARGUMENT", `the file name ${name} leads out of its folder`);
      await mkdir(dirname(join(path, name)), { recursive: true });
      await using file = await open(join(path, name), "wx", 0o600);
      for (let start = 0; start < sizeBytes; start += PIECE_BYTES) {
        signal.throwIfAborted();
        const bytes = await files.read(name, { start, end: Math.min(start + PIECE_BYTES, sizeBytes) });
        await file.writeFile(bytes);
        done += bytes.length;
        report({ stage: "copy", done, total, unit: "bytes" });
      }
    }
    return { path, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
