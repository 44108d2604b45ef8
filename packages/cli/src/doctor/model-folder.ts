import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ServingError } from "@servable/core";
import { SAVED_MODEL_FILE } from "@servable/saved-model";

/**
 * The folder of the SavedModel that a path means: itself, or that of the highest version in it.
 * @throws ServingError NOT_FOUND where there is none
 */
export async function modelFolder(path: string): Promise<string> {
  const folder = resolve(path);
  const entries = await entriesOf(folder);
  if (entries.includes(SAVED_MODEL_FILE)) return folder;
  const versions = entries.filter((entry) => /^\d{1,15}$/.test(entry)).toSorted((a, b) => Number(b) - Number(a));
  for (const version of versions) {
    if ((await entriesOf(join(folder, version))).includes(SAVED_MODEL_FILE)) return join(folder, version);
  }
  const message = `${folder} holds no ${SAVED_MODEL_FILE}; name the folder of a version, or the one above it`;
  throw new ServingError("NOT_FOUND", message);
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOTDIR") return [];
    throw new ServingError("NOT_FOUND", `${folder} cannot be read (${String(code)})`, { cause: error });
  }
}
