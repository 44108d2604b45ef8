import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { all, type ModelFiles, type Source } from "@servable/core";
import { modelFilesContract, sourceContract } from "@servable/core/testing";
import { folderFiles } from "@servable/source-folders";
import { describe, it } from "vitest";
import { type TempFolder, tempFolder } from "../../source-folders/src/testing/temp-folder.js";
import { fsSource } from "./fs-source.js";

const quiet = { signal: new AbortController().signal, report: () => {} };

/** A real folder of versions, and what a source that looks at it all the time tells of itself. */
class World implements AsyncDisposable {
  readonly #folder: TempFolder;
  readonly #told = new Set<() => void>();
  #changes = 0;
  #warnings = 0;
  /** Entries that sources have looked at, ever. */
  accesses = 0;

  constructor(folder: TempFolder) {
    this.#folder = folder;
  }

  get path(): string {
    return this.#folder.at("models");
  }

  source(): Source<ModelFiles> {
    return fsSource({
      name: "m",
      path: this.path,
      versions: all(),
      pollMs: 1,
      settleMs: 0,
      watch: false,
      complete: () => undefined,
      parseVersion: (entry) => {
        this.accesses++;
        this.#tell();
        return /^\d+$/.test(entry) ? Number(entry) : undefined;
      },
      onWarning: () => {
        this.#warnings++;
        this.#tell();
      },
    });
  }

  /** Puts a version in its place in one step, as a careful exporter does. */
  async add(version: number): Promise<void> {
    await this.#folder.write("new/weights/model", `bytes of version ${version}`);
    await mkdir(this.path, { recursive: true });
    await rename(this.#folder.at("new"), join(this.path, String(version)));
  }

  async change(version: number): Promise<void> {
    await this.#folder.write("new", `change ${"!".repeat(++this.#changes)}`);
    await rename(this.#folder.at("new"), join(this.path, String(version), "weights/model"));
  }

  /** As a mount does that goes away. Resolves when the source has told of it. */
  async break(): Promise<void> {
    const before = this.#warnings;
    await rename(this.path, this.#folder.at("away"));
    while (this.#warnings === before) await this.#next();
  }

  mend(): Promise<void> {
    return rename(this.#folder.at("away"), this.path);
  }

  /** Waits until a source has looked at so many entries more. */
  async looks(count: number): Promise<void> {
    for (const end = this.accesses + count; this.accesses < end; ) await this.#next();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      const told = (): void => {
        this.#told.delete(told);
        resolve();
      };
      this.#told.add(told);
    });
  }

  #tell(): void {
    for (const told of this.#told) told();
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#folder[Symbol.asyncDispose]();
  }
}

const makeWorld = async (): Promise<World> => new World(await tempFolder());

/** Looks of a world while a source elsewhere looks many times; what was under way has ended before. */
async function looksMeanwhile(world: World): Promise<number> {
  await using other = await makeWorld();
  await other.add(1);
  const subscription = other.source().subscribe();
  await other.looks(5);
  const before = world.accesses;
  await other.looks(5);
  subscription.unsubscribe();
  return world.accesses - before;
}

describe("fsSource", () => {
  const cases = sourceContract<World, ModelFiles>({
    world: makeWorld,
    create: (world) => world.source(),
    addVersion: (world, version) => world.add(version),
    removeVersion: ({ path }, version) => rm(join(path, String(version)), { recursive: true }),
    changeVersion: (world, version) => world.change(version),
    addJunk: ({ path }) => writeFile(join(path, "notes.txt"), "no version"),
    breakStore: (world) => world.break(),
    mendStore: (world) => world.mend(),
    read: async (data) => {
      await using files = await data.open(quiet);
      return files.read("weights/model");
    },
    accesses: ({ accesses }) => accesses,
    atWork: looksMeanwhile,
  });
  for (const { name, run } of cases) it(name, run);
});

describe("folderFiles", () => {
  const contents = {
    "saved_model.pb": Uint8Array.from({ length: 1_000 }, (_, index) => index * 7),
    "variables/variables.index": Uint8Array.of(1, 2, 3),
    "variables/deeper/empty": new Uint8Array(0),
  };
  const cases = modelFilesContract({
    world: async () => {
      const folder = await tempFolder();
      for (const [name, bytes] of Object.entries(contents)) {
        await folder.write(name, "");
        await writeFile(folder.at(name), bytes);
      }
      return folder;
    },
    create: ({ path }) => folderFiles(path),
    contents: () => contents,
    skip: { "gives its lease back at disposal, and once": "nobody keeps a lease on a folder" },
  });
  for (const { name, run } of cases) it(name, run);
});
