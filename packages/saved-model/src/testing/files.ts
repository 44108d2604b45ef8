// oxlint-disable no-restricted-imports -- only tests, which run in Node, import this file
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { ListedFile } from "../completeness.js";
import type { ReadFile } from "../read-file.js";
import { SavedModelError, type SavedModelErrorCode } from "../saved-model-error.js";

/** The folder of this package. */
export const packageFolder: string = fileURLToPath(new URL("../..", import.meta.url));

/** The folder of the models that TensorFlow made. */
export const fixtures: string = fileURLToPath(new URL("../../../../fixtures", import.meta.url));

/** Files by name. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** All files of a folder, by their names in it. */
export async function filesIn(folder: string): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}${sep}${entry.name}`);
  const pairs = paths.map(
    async (path): Promise<[string, Uint8Array]> => [
      relative(folder, path).replaceAll(sep, "/"),
      new Uint8Array(await readFile(path)),
    ],
  );
  return new Map(await Promise.all(pairs));
}

/** Reads from files in memory, as a folder would. */
export function reader(files: Files): ReadFile {
  return async (name, range) => {
    const bytes = files.get(name);
    if (bytes === undefined) throw new SavedModelError("NOT_FOUND", `there is no file ${name}`);
    return bytes.slice(range?.start, range?.end);
  };
}

/** The names and sizes of files. */
export function listing(files: Files): ListedFile[] {
  return [...files].map(([name, bytes]) => ({ name, sizeBytes: bytes.length }));
}

/** saved_model.pb of a fixture. */
export function savedModelBytes(model: string): Uint8Array {
  return new Uint8Array(readFileSync(`${fixtures}/${model}/saved_model.pb`));
}

/** The code of the error that `work` ends with, undefined if it succeeds; any other error is thrown. */
export async function codeOf(work: () => unknown): Promise<SavedModelErrorCode | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof SavedModelError) return error.code;
    throw error;
  }
}
