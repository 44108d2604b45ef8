import { posix, win32 } from "node:path";

/** What is asked of a file system. */
export interface FileLook {
  isFile(path: string): boolean;
  /** The names in a folder; none where there is no such folder. */
  entries(folder: string): readonly string[];
  /** The text of a file; undefined where there is no such file. */
  text(path: string): string | undefined;
}

/** What tells where TensorFlow's library may lie. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
  /** What the option `native.library` names. */
  readonly library?: string | undefined;
  /** The folders of the packages tfjs-node and tfjs-node-gpu that can be loaded here. */
  readonly tfjsNode: readonly string[];
}

/** Who names a place. */
export type LibraryOrigin =
  | "native.library"
  | "SERVABLE_LIBTENSORFLOW"
  | "servable runtime install"
  | "VIRTUAL_ENV"
  | "CONDA_PREFIX"
  | "tfjs-node"
  | "system";

/** A place where the library may lie. */
export interface LibraryPlace {
  readonly origin: LibraryOrigin;
  /** The folders or files that were looked at, in order; none where nothing names one. */
  readonly looked: readonly string[];
  /** The library there; undefined where there is none. */
  readonly found: string | undefined;
}

/** The file in the folder of installed runtimes that names the one to use. */
export const CURRENT_RUNTIME = "current";

/** The folder of what `servable runtime install` has installed: SERVABLE_RUNTIME, or `.servable/runtime` in the home. */
export function runtimesFolder({ platform, env, home }: Pick<Surroundings, "platform" | "env" | "home">): string {
  return env["SERVABLE_RUNTIME"] || pathOf(platform).join(home, ".servable", "runtime");
}

/**
 * The library to use: what the user has named, be it there or not; else the first that was found.
 * @returns undefined where there is none
 */
export function chosenLibrary(places: readonly LibraryPlace[]): string | undefined {
  for (const { origin, looked, found } of places) {
    const named = origin === "native.library" || origin === "SERVABLE_LIBTENSORFLOW" ? looked[0] : undefined;
    const chosen = found ?? named;
    if (chosen !== undefined) return chosen;
  }
  return undefined;
}

/** TensorFlow's library in a folder of Python packages; undefined where there is none. */
export function libraryInPackages(packages: string, platform: NodeJS.Platform, files: FileLook): string | undefined {
  const look = new Look(platform, files);
  return look.in("system", look.tensorFlowIn(packages)).found;
}

/** All places, in the order in which they count. Looks at files alone. */
export function libraryPlaces(surroundings: Surroundings, files: FileLook): readonly LibraryPlace[] {
  const { platform, env, library, tfjsNode } = surroundings;
  const look = new Look(platform, files);
  return [
    look.atFile("native.library", library),
    look.atFile("SERVABLE_LIBTENSORFLOW", env["SERVABLE_LIBTENSORFLOW"]),
    look.in("servable runtime install", look.installed(runtimesFolder(surroundings))),
    look.in("VIRTUAL_ENV", look.ofPrefix(env["VIRTUAL_ENV"])),
    look.in("CONDA_PREFIX", look.ofPrefix(env["CONDA_PREFIX"])),
    look.in("tfjs-node", look.ofPackages(tfjsNode)),
    look.in("system", look.ofSystem(surroundings)),
  ];
}

/**
 * The files, by system: of Python's packages and of the archives of the C library. The Windows package has the C API in
 * its part for Python.
 */
const NAMES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ["libtensorflow_cc.so.2", "libtensorflow.so.2", "libtensorflow.so"],
  darwin: ["libtensorflow_cc.2.dylib", "libtensorflow.2.dylib", "libtensorflow.dylib"],
  win32: ["_pywrap_tensorflow_common.dll", "tensorflow.dll"],
};

const LIBRARY_PATHS: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: "LD_LIBRARY_PATH",
  darwin: "DYLD_LIBRARY_PATH",
  win32: "PATH",
};

const SYSTEM_FOLDERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ["/usr/local/lib", "/usr/lib", "/usr/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"],
  darwin: ["/usr/local/lib", "/opt/homebrew/lib"],
};

/** Prefixes of the Pythons that a system has. */
const SYSTEM_PREFIXES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ["/usr/local", "/usr"],
  darwin: ["/usr/local", "/opt/homebrew"],
};

class Look {
  readonly #platform: NodeJS.Platform;
  readonly #files: FileLook;
  readonly #path: typeof posix;

  constructor(platform: NodeJS.Platform, files: FileLook) {
    this.#platform = platform;
    this.#files = files;
    this.#path = pathOf(platform);
  }

  atFile(origin: LibraryOrigin, path: string | undefined): LibraryPlace {
    if (path === undefined || path === "") return { origin, looked: [], found: undefined };
    return { origin, looked: [path], found: this.#files.isFile(path) ? path : undefined };
  }

  in(origin: LibraryOrigin, looked: readonly string[]): LibraryPlace {
    const names = NAMES[this.#platform] ?? [];
    const paths = looked.flatMap((folder) => names.map((name) => this.#path.join(folder, name)));
    return { origin, looked, found: paths.find((path) => this.#files.isFile(path)) };
  }

  installed(runtimes: string): readonly string[] {
    const current = this.#files.text(this.#path.join(runtimes, CURRENT_RUNTIME))?.trim();
    return current ? this.tensorFlowIn(this.#path.join(runtimes, current)) : [];
  }

  /** Where a Python of this prefix has its TensorFlow, and where conda has the C library. */
  ofPrefix(prefix: string | undefined): readonly string[] {
    if (prefix === undefined || prefix === "") return [];
    const path = this.#path;
    if (this.#platform === "win32") {
      return [...this.tensorFlowIn(path.join(prefix, "Lib", "site-packages")), path.join(prefix, "Library", "bin")];
    }
    return [...this.#pythonFolders(prefix), path.join(prefix, "lib")];
  }

  ofPackages(folders: readonly string[]): readonly string[] {
    return folders.map((folder) => this.#path.join(folder, "deps", "lib"));
  }

  ofSystem({ env, home }: Surroundings): readonly string[] {
    const listed = env[LIBRARY_PATHS[this.#platform] ?? ""] ?? "";
    const prefixes = [this.#path.join(home, ".local"), ...(SYSTEM_PREFIXES[this.#platform] ?? [])];
    return [
      ...listed.split(this.#path.delimiter).filter((folder) => folder !== ""),
      ...(SYSTEM_FOLDERS[this.#platform] ?? []),
      ...prefixes.flatMap((prefix) => this.#pythonFolders(prefix)),
    ];
  }

  /** The newest Python first. Debian's own has packages elsewhere. */
  #pythonFolders(prefix: string): readonly string[] {
    const lib = this.#path.join(prefix, "lib");
    const minor = (name: string): number => Number(name.split(".")[1]);
    return this.#files
      .entries(lib)
      .filter((name) => /^python3\.\d+$/.test(name))
      .toSorted((one, other) => minor(other) - minor(one))
      .flatMap((name) => [this.#path.join(lib, name, "site-packages"), this.#path.join(lib, name, "dist-packages")])
      .flatMap((folder) => this.tensorFlowIn(folder));
  }

  /** Where a folder of Python packages has the library. */
  tensorFlowIn(packages: string): readonly string[] {
    const folder = this.#path.join(packages, "tensorflow");
    return [this.#platform === "win32" ? this.#path.join(folder, "python") : folder];
  }
}

function pathOf(platform: NodeJS.Platform): typeof posix {
  return platform === "win32" ? win32 : posix;
}
