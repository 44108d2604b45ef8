import { type FileEntry, formatId, type LoadContext, type ModelFiles, type OpenFiles } from "@servable/core";
import { nameError } from "../name-error.js";
import { chooseFile, type FileChoice } from "./choose-file.js";

/** The files of a version, and which of them is meant. */
export interface VersionFile {
  readonly files: ModelFiles;
  readonly choice: FileChoice;
}

/**
 * Opens the files for as long as `work` needs the one that is meant.
 * @throws what `work` throws, with the version's name before it; the reason of `context.signal` when it aborts
 */
export async function withFile<T>(
  { files, choice }: VersionFile,
  context: LoadContext,
  work: (open: OpenFiles, entry: FileEntry) => T | Promise<T>,
): Promise<T> {
  context.signal.throwIfAborted();
  try {
    await using open = await files.open(context);
    return await work(open, await chooseFile(open, choice));
  } catch (error) {
    context.signal.throwIfAborted();
    throw nameError(error, formatId(context.id), "LOAD_FAILED");
  }
}
