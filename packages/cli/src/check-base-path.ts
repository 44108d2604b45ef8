import { readdir, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { UsageError } from "./usage-error.js";

/**
 * Sees to it, at start, that a base path can hold versions. It may be empty: versions may come later.
 * @throws UsageError if it is missing, no folder, unreadable, or itself a SavedModel
 */
export async function checkBasePath(basePath: string): Promise<void> {
  const path = resolve(basePath);
  const entries = await read(path);
  if (entries.includes("saved_model.pb") && !entries.some((entry) => /^\d+$/.test(entry))) {
    throw new UsageError(
      `--model_base_path=${basePath} is itself a SavedModel; it must be the folder above, with the model in a ` +
        `numbered folder: move it to ${path}/1 and serve ${path}`,
    );
  }
}

async function read(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) throw new UsageError(`--model_base_path: ${path} is a file, not a folder`);
    return await readdir(path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ENOENT") throw new UsageError(`--model_base_path: ${path} cannot be read (${String(code)})`);
    throw new UsageError(
      `--model_base_path: there is no folder ${path}; make it, or name the folder that holds the version folders`,
    );
  }
}
