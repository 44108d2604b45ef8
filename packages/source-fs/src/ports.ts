import { watch } from "node:fs";
import { readlink } from "node:fs/promises";
import { type ByteRange, type Clock, systemClock } from "@servable/core";
import { type BaseEntry, type FolderState, listFolder, readFileIn } from "@servable/source-folders";
import { listBase } from "./list-base.js";

/** The outside, as a source takes it: time and the file system. */
export interface SourcePorts {
  readonly clock: Clock;
  /** @throws what the file system throws */
  listBase(path: string): Promise<readonly BaseEntry[]>;
  /** @throws what the file system throws */
  listFolder(path: string): Promise<FolderState>;
  /** @throws what the file system throws, EINVAL for what is no link */
  readLink(path: string): Promise<string>;
  readFile(folder: string, name: string, range?: ByteRange): Promise<Uint8Array>;
  /**
   * Tells `watcher` when something under `path` may have changed; the function returned ends that.
   * @throws what the operating system throws, for instance that it watches too much already
   */
  watch(path: string, watcher: Watcher): () => void;
}

/** What a watch tells. */
export interface Watcher {
  readonly onHint: () => void;
  /** There will be no more hints. */
  readonly onEnd: () => void;
}

/** The machine's own clock and file system. */
export const systemPorts: SourcePorts = {
  clock: systemClock,
  listBase,
  listFolder,
  readLink: (path) => readlink(path),
  readFile: readFileIn,
  watch(path, { onHint, onEnd }) {
    // The folder alone, not the folders below: that is one watch on every system, and new versions show in it.
    const watcher = watch(path, { persistent: false }, () => onHint());
    watcher.on("error", () => {
      watcher.close();
      onEnd();
    });
    return () => watcher.close();
  },
};
