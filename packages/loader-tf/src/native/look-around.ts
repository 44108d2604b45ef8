import { readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { ServingError } from "@servable/core";
import { tfjsNodeFolders } from "../tfjs-node/addon.js";
import { chosenLibrary, type FileLook, type LibraryPlace, libraryInPackages, libraryPlaces } from "./find-library.js";

/**
 * The places where TensorFlow's library may lie for this process, with what was found. Starts no process.
 * @param library what the option `native.library` names
 */
export function placesHere(library?: string): readonly LibraryPlace[] {
  const { platform, env } = process;
  return libraryPlaces({ platform, env, home: homedir(), library, tfjsNode: tfjsNodeFolders() }, LOCAL_FILES);
}

/**
 * The library to use in this process.
 * @throws ServingError FAILED_PRECONDITION where there is none
 */
export function libraryHere(library?: string): string {
  const chosen = chosenLibrary(placesHere(library));
  if (chosen !== undefined) return chosen;
  const wayOut =
    "activate a Python environment that has TensorFlow, or name the file by native.library or SERVABLE_LIBTENSORFLOW; " +
    "servable doctor tells where it was looked for";
  throw new ServingError("FAILED_PRECONDITION", `TensorFlow's C library was not found: ${wayOut}`);
}

/** TensorFlow's library in a folder of Python packages of this machine; undefined where there is none. */
export function libraryInPackagesHere(packages: string): string | undefined {
  return libraryInPackages(packages, process.platform, LOCAL_FILES);
}

const LOCAL_FILES: FileLook = {
  isFile: (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false,
  entries: (folder) => orNone(() => readdirSync(folder)) ?? [],
  text: (path) => orNone(() => readFileSync(path, "utf8")),
};

/** What cannot be read is as good as not there. */
function orNone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
