import type { SavedModel } from "@servable/tf-proto";
import { openBundle } from "./bundle/bundle.js";
import { assetsOf } from "./init-op.js";
import type { ReadFile } from "./read-file.js";
import { ASSETS_FOLDER, parseSavedModel, SAVED_MODEL_FILE, VARIABLES_PREFIX } from "./saved-model.js";
import { SavedModelError } from "./saved-model-error.js";

/** A file as a listing shows it. */
export interface ListedFile {
  readonly name: string;
  readonly sizeBytes: number;
}

/**
 * What a folder still lacks to be a whole SavedModel, as a sentence; undefined when nothing is known to be missing.
 *
 * Complete means: saved_model.pb is there; if its graph restores variables, the index is a whole table and each shard
 * that it names has the bytes that its tensors take; each asset is there. A saved_model.pb that cannot be decoded says
 * nothing about what else must come, so the folder counts as complete: loading it gives the clear error.
 * @throws what `read` throws
 */
export async function missingFromSavedModel(files: readonly ListedFile[], read: ReadFile): Promise<string | undefined> {
  const sizes = new Map(files.map(({ name, sizeBytes }) => [name, sizeBytes]));
  if ((sizes.get(SAVED_MODEL_FILE) ?? 0) === 0) {
    return `${SAVED_MODEL_FILE} is ${sizes.has(SAVED_MODEL_FILE) ? "empty" : "missing"}`;
  }
  const model = decodable(await read(SAVED_MODEL_FILE));
  if (model === undefined) return undefined;
  for (const metaGraph of model.metaGraphs) {
    for (const { filename } of assetsOf(metaGraph)) {
      if (!sizes.has(`${ASSETS_FOLDER}/${filename}`)) return `${ASSETS_FOLDER}/${filename} is missing`;
    }
  }
  const restores = model.metaGraphs.some(({ saverDef }) => (saverDef?.restoreOpName ?? "") !== "");
  return restores ? missingVariables(sizes, read) : undefined;
}

function decodable(bytes: Uint8Array): SavedModel | undefined {
  try {
    return parseSavedModel(bytes);
  } catch (error) {
    if (error instanceof SavedModelError) return undefined;
    throw error;
  }
}

async function missingVariables(sizes: ReadonlyMap<string, number>, read: ReadFile): Promise<string | undefined> {
  const index = `${VARIABLES_PREFIX}.index`;
  if (!sizes.has(index)) return `${index} is missing`;
  try {
    for (const { name, minBytes } of (await openBundle(read, VARIABLES_PREFIX)).shards) {
      const size = sizes.get(name);
      if (size === undefined) return `${name} is missing`;
      if (size < minBytes) return `${name} has ${size} of ${minBytes} bytes`;
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof SavedModelError)) throw error;
    // A format that we do not read is whole for all we know.
    return error.code === "UNSUPPORTED" ? undefined : error.message;
  }
}
