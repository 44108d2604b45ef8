// The only file that knows tfjs-node. Its addon alone is loaded: the JavaScript around it takes a second to start, does
// not run on every Node, caches sessions by path and gets negative int64 numbers wrong.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ServingError } from "@servable/core";

/** A tensor that the addon holds. */
export interface AddonTensor {
  readonly id: number;
  readonly shape: readonly number[];
  /** TensorFlow's number of the type. */
  readonly dtype: number;
}

/** What is used of the addon. */
export interface Addon {
  /** TensorFlow's version. */
  readonly TF_Version: string;
  /** Numbers that are fed: int64 in pairs of int32, strings as arrays of bytes. They must stay as they are until deletion. */
  createTensor(shape: readonly number[], dtype: number, data: ArrayBufferView | readonly Uint8Array[]): number;
  deleteTensor(id: number): void;
  /** A copy of the content. */
  tensorDataSync(id: number): ArrayBufferView | Uint8Array[];
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  /** Names are joined by commas. */
  runSavedModel(id: number, inputs: readonly number[], inputNames: string, outputNames: string): AddonTensor[];
  isUsingGpuDevice(): boolean;
}

const PACKAGES = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"];

/** The folders of the packages that can be loaded here, tfjs-node-gpu before tfjs-node. */
export function tfjsNodeFolders(): readonly string[] {
  const found = [import.meta.url, join(process.cwd(), "package.json")].map((from) => createRequire(from));
  return [...new Set(PACKAGES.flatMap((name) => found.flatMap((require) => folderOf(require, name))))];
}

function folderOf(require: NodeJS.Require, name: string): readonly string[] {
  try {
    return [join(require.resolve(`${name}/package.json`), "..")];
  } catch {
    return [];
  }
}

/**
 * Loads the addon of a package.
 * @throws ServingError FAILED_PRECONDITION where it is not there, or does not run here
 */
export function loadAddon(folder: string): Addon {
  const path = addonPath(folder);
  try {
    return createRequire(path)(path) as Addon;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `engine tfjs-node: ${path} cannot be loaded; npm rebuild @tensorflow/tfjs-node (${reason})`;
    throw new ServingError("FAILED_PRECONDITION", message, { cause: error });
  }
}

/**
 * The folder to take the addon from.
 * @throws ServingError FAILED_PRECONDITION where no package is installed
 */
export function chosenFolder(named?: string): string {
  const folder = named ?? tfjsNodeFolders()[0];
  if (folder !== undefined) return folder;
  const message = "engine tfjs-node needs the package @tensorflow/tfjs-node or -gpu; npm install @tensorflow/tfjs-node";
  throw new ServingError("FAILED_PRECONDITION", message);
}

/** The addon of the newest Node-API that the package was built for. */
function addonPath(folder: string): string {
  const lib = join(folder, "lib");
  const level = (name: string): number => Number(name.slice("napi-v".length));
  const built = (existsSync(lib) ? readdirSync(lib) : [])
    .filter((name) => /^napi-v\d+$/.test(name) && existsSync(join(lib, name, "tfjs_binding.node")))
    .toSorted((one, other) => level(other) - level(one));
  if (built[0] !== undefined) return join(lib, built[0], "tfjs_binding.node");
  const message = `engine tfjs-node: ${folder} has no addon, as after an install without scripts; npm rebuild ${nameOf(folder)}`;
  throw new ServingError("FAILED_PRECONDITION", message);
}

function nameOf(folder: string): string {
  try {
    const { name } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name?: string };
    return name ?? PACKAGES[1] ?? "";
  } catch {
    return PACKAGES[1] ?? "";
  }
}
