import type { Progress } from "./progress.js";

/** One file of a model version. */
export interface FileEntry {
  /** Path relative to the version's folder, with `/` between segments: `variables/variables.index`. */
  readonly name: string;
  readonly sizeBytes: number;
}

/** Bytes `start` up to, not including, `end` of a file. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What `ModelFiles.open` works with. */
export interface OpenContext {
  readonly signal: AbortSignal;
  report(progress: Progress): void;
}

/** The files of one version, not yet at hand: a folder, an object store prefix, a web address. */
export interface ModelFiles {
  /**
   * Brings the files within reach (a download, a cache entry) and leases them until disposal.
   * @throws the reason of `context.signal` when it aborts
   */
  open(context: OpenContext): Promise<OpenFiles>;
  /**
   * The files and their sizes, for an estimate before the load; given by files that know them without what makes
   * `open` expensive, a download.
   * @throws the reason of `context.signal` when it aborts
   */
  list?(context: OpenContext): Promise<readonly FileEntry[]>;
}

/**
 * Files that can be read now; disposal ends the lease on them, once. What is read afterwards is refused with
 * FAILED_PRECONDITION or CANCELLED, or right.
 */
export interface OpenFiles extends AsyncDisposable {
  /** All files, each time in the same order. */
  list(): Promise<readonly FileEntry[]>;
  /**
   * The bytes of a file, or of a range of it; they are the caller's own.
   * @throws ServingError NOT_FOUND if there is no such file, INVALID_ARGUMENT for a name that leaves the folder or
   * a range beyond the end
   */
  read(name: string, range?: ByteRange): Promise<Uint8Array>;
  /** The local folder, where there is one. */
  readonly path?: string;
}
