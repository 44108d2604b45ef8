import { realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type FileEntry, type ModelFiles, type OpenContext, type OpenFiles, ServingError } from "@servable/core";
import { listFolder } from "./list-folder.js";
import { readFileIn } from "./read-file.js";
import { saysMissing, shortReason } from "./system-error.js";

/**
 * The files of one version that lie in a local or mounted folder.
 *
 * Links on the way to the folder are followed once, at `open`: a link that is turned to another folder meanwhile does
 * not mix the bytes of two models.
 */
export function folderFiles(path: string): ModelFiles {
  const folder = resolve(path);
  return {
    async open({ signal }: OpenContext): Promise<OpenFiles> {
      signal.throwIfAborted();
      const place = await locate(folder);
      signal.throwIfAborted();
      return openFolder(place);
    },
  };
}

async function locate(folder: string): Promise<string> {
  try {
    const place = await realpath(folder);
    if ((await stat(place)).isDirectory()) return place;
  } catch (error) {
    throw failure(folder, error);
  }
  throw new ServingError("NOT_FOUND", `${folder} is not a folder`);
}

function openFolder(path: string): OpenFiles {
  let disposed = false;
  const checkOpen = (): void => {
    if (disposed) throw new ServingError("FAILED_PRECONDITION", `${path}: its files were disposed; open them again`);
  };
  return {
    path,
    async list(): Promise<readonly FileEntry[]> {
      checkOpen();
      try {
        const { files } = await listFolder(path);
        return files.map(({ name, sizeBytes }) => ({ name, sizeBytes }));
      } catch (error) {
        throw failure(path, error);
      }
    },
    async read(name, range): Promise<Uint8Array> {
      checkOpen();
      return readFileIn(path, name, range);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      disposed = true;
    },
  };
}

function failure(folder: string, error: unknown): ServingError {
  if (saysMissing(error)) {
    // Worth another try: a mount may come back, and a source drops the version if the folder is gone for good.
    return new ServingError("NOT_FOUND", `there is no folder ${folder}`, { cause: error, retryable: true });
  }
  return new ServingError("LOAD_FAILED", `${folder} cannot be read: ${shortReason(error)}`, { cause: error });
}
