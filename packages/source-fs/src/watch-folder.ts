import { basename, join } from "node:path";
import type { ModelFiles, Source } from "@servable/core";
import {
  type BaseEntry,
  type FolderStore,
  folderFiles,
  revisionOf,
  saysForbidden,
  saysMissing,
  shortReason,
  systemCodeOf,
  watchFolders,
} from "@servable/source-folders";
import { defer, NEVER } from "rxjs";
import { makeHints } from "./hints.js";
import type { FsSourceSettings } from "./options.js";
import type { SourcePorts } from "./ports.js";

/** A source that looks at a base path again and again, through `ports`. */
export function watchFolder<N extends string>(
  settings: FsSourceSettings<N>,
  ports: SourcePorts,
): Source<ModelFiles, N> {
  const { name, path, discover, pollMs, watch, rules } = settings;
  const store = makeStore(settings, ports);
  return defer(() => {
    const hints = makeHints(path, ports);
    return watchFolders<ModelFiles, N>({
      name,
      store,
      rules,
      discover,
      pace: {
        once: pollMs === 0,
        ...(pollMs > 0 && { minMs: pollMs, maxMs: pollMs }),
        jitter: 0,
        // The file system knows no way to end a call that hangs.
        timeoutMs: Number.POSITIVE_INFINITY,
      },
      // Two looks in a row, unless these are further apart than folders need to settle.
      quietMs: Math.min(pollMs, rules.settleMs),
      hint$: watch ? hints.hint$ : NEVER,
      onLook: ({ kind }) => {
        if (kind === "missing") hints.drop();
      },
    });
  });
}

/** The file system below a base path as a store of folders. */
function makeStore({ path, pointer }: FsSourceSettings, ports: SourcePorts): FolderStore<ModelFiles> {
  const at = (folder: string): string => (folder === "" ? path : join(path, ...folder.split("/")));
  return {
    clock: ports.clock,
    async list(folder) {
      const entries = await ports.listBase(at(folder));
      return pointer === undefined
        ? entries
        : pointedAt(entries, pointer, await targetOf(ports, join(at(folder), pointer)));
    },
    async listFolder(folder) {
      const listing = await ports.listFolder(at(folder));
      return { ...listing, revision: revisionOf(folder.slice(folder.lastIndexOf("/") + 1), listing.files) };
    },
    readFile: ({ folder }, name, { range }) => ports.readFile(at(folder), name, range),
    failureOf(error, folder) {
      const reason = shortReason(error);
      if (saysForbidden(error)) return { kind: "unreadable", reason };
      if (!saysMissing(error)) return { kind: "fault", reason };
      const isFile = systemCodeOf(error) === "ENOTDIR";
      return { kind: "missing", reason: isFile ? `${at(folder)} is not a folder` : `there is no folder ${at(folder)}` };
    },
    nameOf: at,
    dataOf: ({ folder }) => folderFiles(at(folder)),
  };
}

/** The name of the folder that a link points to; undefined where there is no link. */
async function targetOf(ports: SourcePorts, path: string): Promise<string | undefined> {
  try {
    return basename(await ports.readLink(path));
  } catch (error) {
    if (saysMissing(error) || systemCodeOf(error) === "EINVAL") return undefined;
    throw error;
  }
}

/** Leaves only the folder that the pointer names to be a version. */
function pointedAt(entries: readonly BaseEntry[], pointer: string, target: string | undefined): readonly BaseEntry[] {
  const reason = target === undefined ? `there is no link ${pointer}` : `${pointer} points to ${target}`;
  return entries
    .filter(({ name }) => name !== pointer)
    .map((entry) => (entry.name === target ? entry : { ...entry, passedOver: reason }));
}
