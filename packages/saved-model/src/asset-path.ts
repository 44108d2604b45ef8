import { ASSETS_FOLDER } from "./saved-model.js";
import { SavedModelError } from "./saved-model-error.js";

/**
 * Where the asset of that name lies, relative to the version's folder: `assets/vocabulary.txt`.
 * @throws SavedModelError INVALID_ARGUMENT for a name that would leave the folder
 */
export function assetPath(filename: string): string {
  const parts = filename.split("/");
  const isInside = parts.every((part) => part !== "" && part !== "." && part !== "..") && !/[\\\0]/.test(filename);
  if (isInside) return `${ASSETS_FOLDER}/${filename}`;
  throw new SavedModelError("INVALID_ARGUMENT", `asset ${JSON.stringify(filename)} does not lie in ${ASSETS_FOLDER}/`);
}
