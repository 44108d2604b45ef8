import { type FileHandle, open, stat } from "node:fs/promises";
import { isAbsolute, join, sep } from "node:path";
import { type ByteRange, ServingError } from "@servable/core";
import { saysMissing, shortReason } from "./system-error.js";

/** Node reads less than 2 GiB at a time; smaller steps let the reads of others through. */
const CHUNK_BYTES = 2 ** 26;

/**
 * Reads a file of a folder, or a range of it, wherever in the file others read at the same time.
 * @throws ServingError INVALID_ARGUMENT for a name that leaves the folder or a range beyond the end, NOT_FOUND if there
 * is no such file, DATA_LOSS if it shrinks meanwhile, LOAD_FAILED if the file system fails
 */
export async function readFileIn(folder: string, name: string, range?: ByteRange): Promise<Uint8Array> {
  checkName(folder, name);
  const path = join(folder, name);
  try {
    // Asked before opening, since opening a pipe would wait for a writer.
    if (!(await stat(path)).isFile()) throw new ServingError("NOT_FOUND", `${path} is not a file`);
    const handle = await open(path, "r");
    try {
      return await readRange(handle, path, checkRange(path, (await handle.stat()).size, range));
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (ServingError.is(error)) throw error;
    if (saysMissing(error)) throw new ServingError("NOT_FOUND", `there is no file ${path}`, { cause: error });
    throw new ServingError("LOAD_FAILED", `${path} cannot be read: ${shortReason(error)}`, { cause: error });
  }
}

function checkName(folder: string, name: string): void {
  const segments = sep === "/" ? name.split("/") : name.split(/[\\/]/);
  // A colon leads to another drive, or a hidden stream, where the separator is a backslash.
  const leaves = isAbsolute(name) || segments.includes("..") || (sep !== "/" && name.includes(":"));
  if (!leaves && !name.includes("\0")) return;
  throw new ServingError(
    "INVALID_ARGUMENT",
    `${folder}: ${JSON.stringify(name)} is not the name of a file in it; names are relative, without ".."`,
  );
}

function checkRange(path: string, sizeBytes: number, range: ByteRange | undefined): ByteRange {
  const { start, end } = range ?? { start: 0, end: sizeBytes };
  const whole = Number.isSafeInteger(start) && Number.isSafeInteger(end);
  if (whole && start >= 0 && start <= end && end <= sizeBytes) return { start, end };
  throw new ServingError("INVALID_ARGUMENT", `${path}: bytes ${start} to ${end} of a file of ${sizeBytes} bytes`);
}

async function readRange(handle: FileHandle, path: string, { start, end }: ByteRange): Promise<Uint8Array> {
  const bytes = allocate(path, end - start);
  for (let done = 0; done < bytes.length; ) {
    const length = Math.min(CHUNK_BYTES, bytes.length - done);
    const { bytesRead } = await handle.read(bytes, done, length, start + done);
    if (bytesRead === 0) {
      throw new ServingError("DATA_LOSS", `${path} became shorter while it was read`, { retryable: true });
    }
    done += bytesRead;
  }
  return bytes;
}

function allocate(path: string, length: number): Uint8Array {
  try {
    return new Uint8Array(length);
  } catch (error) {
    const text = `${path}: ${length} bytes are more than one array can hold; read it in ranges`;
    throw new ServingError("RESOURCE_EXHAUSTED", text, { cause: error, retryable: false });
  }
}
