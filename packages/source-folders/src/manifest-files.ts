import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join, resolve } from "node:path";
import { ServingError } from "@servable/core";
import { MANIFEST_FILE, type ManifestFile, missingFromSavedModel } from "@servable/saved-model";
import { listFolder } from "./list-folder.js";
import { readFileIn } from "./read-file.js";

/**
 * The files of a version with their digests, in the order in which they are published.
 * @throws ServingError FAILED_PRECONDITION if something is missing
 */
export async function manifestFiles(folder: string, signal: AbortSignal): Promise<readonly ManifestFile[]> {
  const { files } = await listFolder(resolve(folder));
  const published = files.filter(({ name }) => name !== MANIFEST_FILE);
  const missing = await missingFromSavedModel(published, (name, range) => readFileIn(resolve(folder), name, range));
  if (missing !== undefined) {
    throw new ServingError(
      "FAILED_PRECONDITION",
      `${folder} is no complete SavedModel: ${missing}; name the folder that holds saved_model.pb`,
    );
  }
  const rows: ManifestFile[] = [];
  for (const { name, sizeBytes } of published) {
    const sha256 = await sha256Of(join(resolve(folder), ...name.split("/")), signal);
    rows.push({ name, sizeBytes, sha256 });
  }
  // What makes other readers take it for a model comes last.
  return rows.sort((a, b) => Number(a.name === "saved_model.pb") - Number(b.name === "saved_model.pb"));
}

async function sha256Of(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20, signal })) hash.update(chunk);
  return hash.digest("hex");
}
