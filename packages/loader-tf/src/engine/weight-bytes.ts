import type { FileEntry } from "@servable/core";
import { SAVED_MODEL_FILE, VARIABLES_PREFIX } from "@servable/saved-model";

/** Bytes of a model's weights, at most: they are in the checkpoint, or in the graph of a frozen model. */
export function weightBytesIn(files: readonly FileEntry[]): number {
  return files
    .filter(({ name }) => name === SAVED_MODEL_FILE || name.startsWith(`${VARIABLES_PREFIX}.data-`))
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
