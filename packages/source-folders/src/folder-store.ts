import type { ByteRange, Clock, FileEntry } from "@servable/core";
import type { Manifest } from "@servable/saved-model";
import type { BaseEntry } from "./version-folders.js";

/** All that a folder holds, as it stands now. */
export interface FolderListing {
  /** Files, those in folders below included, by name. */
  readonly files: readonly FileEntry[];
  /** Names the state of the folder: the same text means the same bytes. */
  readonly revision: string;
  /** When something in the folder was last changed, by the clock of the store. */
  readonly newestMs: number;
}

/** A folder that can be offered, as it was when that was found out. */
export interface WholeFolder {
  /** Relative to the base path, with `/` between segments. */
  readonly folder: string;
  readonly listing: FolderListing;
  /** What it says of itself, where it does. */
  readonly manifest?: Manifest;
}

/** What a failure of a store means. */
export interface StoreFailure {
  /** There is no such folder; it is there and not to be read until someone acts; or something that may pass. */
  readonly kind: "missing" | "unreadable" | "fault";
  /** In few words: "EIO"; of what is missing, a sentence. */
  readonly reason: string;
}

/**
 * Where version folders lie, and the time. Folders are named relative to the base path, with `/` between segments; the
 * base path itself is the empty text. Calls throw what the store throws, which `failureOf` explains.
 */
export interface FolderStore<D> {
  readonly clock: Clock;
  list(folder: string, signal: AbortSignal): Promise<readonly BaseEntry[]>;
  listFolder(folder: string, signal: AbortSignal): Promise<FolderListing>;
  readFile(whole: WholeFolder, name: string, options: ReadOptions): Promise<Uint8Array>;
  /** Whether a folder is known to be whole without asking further. */
  isKnown?(whole: WholeFolder, signal: AbortSignal): Promise<boolean>;
  failureOf(error: unknown, folder: string): StoreFailure;
  /** A folder as messages show it. */
  nameOf(folder: string): string;
  /** What is offered. */
  dataOf(whole: WholeFolder): D;
}

/** Which bytes are read, and until when. */
export interface ReadOptions {
  readonly range?: ByteRange | undefined;
  readonly signal: AbortSignal;
}
