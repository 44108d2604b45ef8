import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { modelFilesContract, sourceContract } from "@servable/core/testing";
import { describe, it } from "vitest";
import { entryKey } from "./cache/entry.js";
import { modelCache } from "./cache/model-cache.js";
import { s3Files } from "./s3-files.js";
import { resolveConnection } from "./store/connection.js";
import { s3Store } from "./store/s3-store.js";
import { BUCKET, fail } from "./testing/fake-s3.js";
import { makeWorld, quiet, type World } from "./testing/world.js";

const listings = ({ s3 }: World): number => s3.log.filter((what) => what.startsWith("LIST")).length;

/** Listings of a world while another one is looked at many times; what was under way has ended before. */
async function looksMeanwhile(world: World): Promise<number> {
  await using other = await makeWorld();
  other.add(1);
  const seen = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const end = listings(other) + count;
      other.s3.intercept = () => {
        if (listings(other) >= end) resolve();
        return false;
      };
    });
  const subscription = other.source().subscribe();
  await seen(10);
  const before = world.s3.log.length;
  await seen(10);
  subscription.unsubscribe();
  return world.s3.log.length - before;
}

describe("s3Source", () => {
  const cases = sourceContract({
    world: makeWorld,
    create: (world: World) => world.source(),
    addVersion: (world, version) => world.add(version),
    removeVersion: ({ s3 }, version) => s3.remove(`base/${version}/`),
    changeVersion: (world, version) => world.add(version, `change ${++world.changes}`),
    addJunk: ({ s3 }) => s3.put("base/notes.txt", "no version"),
    breakStore: async (world) => {
      world.s3.intercept = (_, response) => {
        fail(response, 503, "SlowDown");
        return true;
      };
      world.warnings.length = 0;
      await world.warned(/SlowDown/);
    },
    mendStore: ({ s3 }) => {
      s3.intercept = undefined;
    },
    read: async (data) => {
      await using files = await data.open(quiet);
      return files.read("weights/model");
    },
    accesses: ({ s3 }) => s3.log.length,
    atWork: looksMeanwhile,
  });
  for (const { name, run } of cases) it(name, run);
});

describe("the files of a version in a bucket", () => {
  const contents = {
    "saved_model.pb": Uint8Array.from({ length: 100_000 }, (_, index) => index * 7),
    "variables/variables.index": Uint8Array.of(1, 2, 3),
    "a name/ümlaut+%20&.txt": Uint8Array.of(4),
    empty: new Uint8Array(0),
  };
  class Leased implements AsyncDisposable {
    readonly world: World;
    leases = 0;
    constructor(world: World) {
      this.world = world;
    }
    [Symbol.asyncDispose](): Promise<void> {
      return this.world[Symbol.asyncDispose]();
    }
  }
  const cases = modelFilesContract({
    world: async () => {
      const world = await makeWorld();
      for (const [name, bytes] of Object.entries(contents)) world.s3.put(`base/1/${name}`, bytes);
      return new Leased(world);
    },
    create: (leased) => {
      const { world } = leased;
      const store = s3Store(
        BUCKET,
        resolveConnection({ endpoint: world.s3.endpoint, credentials: { accessKeyId: "a", secretAccessKey: "b" } }, {}),
      );
      const cache = modelCache({
        folder: world.folder.at("cache"),
        maxBytes: 1e9,
        fetch: { concurrency: 3, partBytes: 30_000, tries: { attempts: 2, delayMs: 1 }, stallMs: 5_000 },
        onWarning: () => {},
      });
      const version = {
        place: "s3://models/base/1",
        store,
        files: Object.entries(contents).map(([name, bytes]) => {
          return { name, key: `base/1/${name}`, sizeBytes: bytes.length, etag: etagOf(bytes) };
        }),
      };
      const files = s3Files(version, { cache, onChanged: () => {}, onOpened: async () => {} });
      return {
        open: async (context) => {
          const open = await files.open(context);
          const beginning = `${entryKey(version.place, version.files)}.lease.`;
          const count = async (): Promise<void> => {
            const names = await readdir(world.folder.at("cache", "claims"));
            leased.leases = names.filter((name) => name.startsWith(beginning)).length;
          };
          await count();
          return { ...open, [Symbol.asyncDispose]: () => open[Symbol.asyncDispose]().then(count) };
        },
      };
    },
    contents: () => contents,
    leases: ({ leases }) => leases,
  });
  for (const { name, run } of cases) it(name, run);
});

function etagOf(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}
