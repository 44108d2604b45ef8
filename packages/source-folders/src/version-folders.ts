import type { SkippedEntry } from "@servable/core";
import { SAVED_MODEL_FILE } from "@servable/saved-model";

/** An entry of the base path. */
export interface BaseEntry {
  readonly name: string;
  readonly kind: "folder" | "file" | "dangling-link";
  /** Set where something other than its name says that it is no version: why. */
  readonly passedOver?: string;
}

/** The entries of a base path, told apart. */
export interface VersionFolders {
  /** The names of the folders, by version. */
  readonly folders: ReadonlyMap<number, string>;
  readonly skipped: readonly SkippedEntry[];
}

/** Finds the version folders among the entries of a base path, and says of every other entry why it is none. */
export function versionFolders(
  entries: readonly BaseEntry[],
  parseVersion?: (entry: string) => number | undefined,
): VersionFolders {
  const folders = new Map<number, string>();
  const skipped: SkippedEntry[] = [];
  // The shorter name comes first, so that it wins: `1` over `01`.
  for (const entry of [...entries].sort(byLengthThenName)) {
    const found = versionOf(entry, parseVersion);
    if (typeof found === "string") {
      skipped.push({ entry: entry.name, reason: found });
      continue;
    }
    const winner = folders.get(found);
    if (winner === undefined) folders.set(found, entry.name);
    else skipped.push({ entry: entry.name, reason: `version ${found} is taken from "${winner}"` });
  }
  return { folders, skipped: skipped.sort((a, b) => compare(a.entry, b.entry)) };
}

/** The version of an entry, or the reason why it has none. */
function versionOf(entry: BaseEntry, parseVersion?: (entry: string) => number | undefined): number | string {
  if (entry.name === SAVED_MODEL_FILE)
    return "a model needs a folder of its own: move it into a version folder, such as 1";
  const version = parseVersion === undefined ? parseDecimal(entry.name) : parseWith(parseVersion, entry.name);
  if (typeof version === "string") return version;
  if (entry.passedOver !== undefined) return entry.passedOver;
  switch (entry.kind) {
    case "folder":
      return version;
    case "file":
      return "it is a file; a version is a folder";
    case "dangling-link":
      return "it is a link to nothing";
  }
}

function parseDecimal(name: string): number | string {
  if (!/^[0-9]+$/.test(name)) return "its name is not a decimal number; parseVersion can read other names";
  return checked(Number(name));
}

function parseWith(parseVersion: (entry: string) => number | undefined, name: string): number | string {
  try {
    const version = parseVersion(name);
    return version === undefined ? "parseVersion finds no version in its name" : checked(version);
  } catch (error) {
    return `parseVersion threw: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function checked(version: number): number | string {
  if (Number.isSafeInteger(version) && version >= 0) return version;
  return `${version} is not a version; versions are integers from 0 to ${Number.MAX_SAFE_INTEGER}`;
}

function byLengthThenName(a: BaseEntry, b: BaseEntry): number {
  return a.name.length - b.name.length || compare(a.name, b.name);
}

/** By code units, as the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
