import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import type { OpenFiles } from "@servable/core";
import { describe, expect, it } from "vitest";
import { resolveConnection } from "../store/connection.js";
import { s3Store } from "../store/s3-store.js";
import { BUCKET, fail } from "../testing/fake-s3.js";
import { makeWorld, quiet, type World } from "../testing/world.js";
import { entryKey } from "./entry.js";
import { type CachedVersion, type CacheSettings, type ModelCache, modelCache } from "./model-cache.js";

/** A version of one file with so many bytes. */
function versionOf(world: World, name: string, sizeBytes = 1_000): CachedVersion {
  const bytes = Buffer.alloc(sizeBytes, name);
  world.s3.put(`base/${name}/a`, bytes);
  const options = { endpoint: world.s3.endpoint, credentials: { accessKeyId: "a", secretAccessKey: "b" } };
  const etag = createHash("md5").update(bytes).digest("hex");
  return {
    place: `s3://${BUCKET}/base/${name}`,
    files: [{ name: "a", key: `base/${name}/a`, sizeBytes, etag }],
    store: s3Store(BUCKET, resolveConnection(options, {})),
  };
}

function cacheIn(world: World, settings: Partial<CacheSettings> = {}): ModelCache {
  return modelCache({
    folder: world.folder.at("cache"),
    maxBytes: 1e9,
    fetch: { concurrency: 1, partBytes: 100, tries: { attempts: 2, delayMs: 1 }, stallMs: 5_000 },
    onWarning: (text) => world.warnings.push(text),
    ...settings,
  });
}

/** Opens a version, and says whether its bytes are right. */
async function readWhole(files: OpenFiles, name: string, sizeBytes = 1_000): Promise<void> {
  expect(Buffer.from(await files.read("a")).equals(Buffer.alloc(sizeBytes, name))).toBe(true);
}

const gets = ({ s3 }: World): number => s3.log.filter((what) => what.startsWith("GET")).length;
const fileOf = (world: World, { place, files }: CachedVersion): string =>
  world.folder.at("cache", "entries", entryKey(place, files), "files", "a");

describe("a cache", () => {
  it("fetches once, for however many at a time and after", async () => {
    await using world = await makeWorld();
    const version = versionOf(world, "1");
    const opened = await Promise.all([cacheIn(world), cacheIn(world)].map((cache) => cache.open(version, quiet)));
    for (const files of opened) {
      await readWhole(files, "1");
      await files[Symbol.asyncDispose]();
    }
    await using again = await cacheIn(world).open(version, quiet);
    await readWhole(again, "1");
    expect(gets(world)).toBe(10);
    expect(await readdir(world.folder.at("cache", "staging"))).toEqual([]);
    expect(await readdir(world.folder.at("cache", "claims"))).toHaveLength(1);
  });

  it("never removes what is open, and says so when there is no room", async () => {
    await using world = await makeWorld();
    const cache = cacheIn(world, { maxBytes: 2_500 });
    const [one, two, three] = [versionOf(world, "1"), versionOf(world, "2"), versionOf(world, "3")];
    const first = await cache.open(one, quiet);
    const second = await cache.open(two, quiet);
    await expect(cache.open(three, quiet)).rejects.toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      retryable: true,
      message: expect.stringMatching(/takes 1000 bytes, and of the 2500 .* 2000 are in use; raise maxBytes/),
    });
    await readWhole(first, "1");
    await first[Symbol.asyncDispose]();
    await using third = await cache.open(three, quiet);
    await readWhole(third, "3");
    await readWhole(second, "2");
    await second[Symbol.asyncDispose]();
    expect([await cache.has(one), await cache.has(two), await cache.has(three)]).toEqual([false, true, true]);
    await expect(cache.open(versionOf(world, "4", 9_000), quiet)).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
  });

  const damages: readonly [string, (world: World, version: CachedVersion) => Promise<void>, RegExp][] = [
    ["cut short", (world, version) => writeFile(fileOf(world, version), "x"), /a has 1 of 1000 bytes/],
    ["written over", (world, version) => writeFile(fileOf(world, version), Buffer.alloc(1_000)), /a was changed/],
    ["removed", (world, version) => rm(fileOf(world, version)), /a is gone/],
    [
      "without its record",
      (world, version) => rm(fileOf(world, version).replace("files/a", "entry.json")),
      /it has no record/,
    ],
    [
      "with a record that is none",
      (world, version) => writeFile(fileOf(world, version).replace("files/a", "entry.json"), '{"files":[{}]}'),
      /it has no record/,
    ],
    [
      "whose digests were found to be wrong",
      (world, version) => writeFile(fileOf(world, version).replace("files/a", "damaged"), "a"),
      /its digests are wrong/,
    ],
  ];
  it.each(damages)("puts aside an entry that was %s, and fetches it again", async (_, damage, warning) => {
    await using world = await makeWorld();
    const version = versionOf(world, "1");
    await (await cacheIn(world).open(version, quiet))[Symbol.asyncDispose]();
    await damage(world, version);
    await using files = await cacheIn(world).open(version, quiet);
    await readWhole(files, "1");
    expect(world.warnings.join()).toMatch(warning);
    expect(await readdir(world.folder.at("cache", "quarantine"))).toHaveLength(1);
    expect(gets(world)).toBe(20);
  });

  it("goes on with what an aborted download has brought", async () => {
    await using world = await makeWorld();
    const version = versionOf(world, "1");
    const aborting = new AbortController();
    world.s3.intercept = () => {
      if (gets(world) === 6) aborting.abort(new Error("enough"));
      return false;
    };
    await expect(cacheIn(world).open(version, { ...quiet, signal: aborting.signal })).rejects.toThrow("enough");
    expect(await readdir(world.folder.at("cache", "claims"))).toEqual([]);
    await using files = await cacheIn(world).open(version, quiet);
    await readWhole(files, "1");
    expect(gets(world)).toBe(6 + 5);
    expect(await readdir(world.folder.at("cache", "staging"))).toEqual([]);
  });

  it("keeps nothing of what somebody must act on", async () => {
    await using world = await makeWorld();
    const version = versionOf(world, "1");
    world.s3.intercept = (_, response, what) => {
      if (!what.startsWith("GET") || gets(world) < 4) return false;
      fail(response, 403, "AccessDenied");
      return true;
    };
    await expect(cacheIn(world).open(version, quiet)).rejects.toMatchObject({ kind: "refused" });
    expect(await readdir(world.folder.at("cache", "staging"))).toEqual([]);
    expect(await readdir(world.folder.at("cache", "entries"))).toEqual([]);
  });

  it("says what is wrong with a folder that cannot be one", async () => {
    await using world = await makeWorld();
    await writeFile(world.folder.at("cache"), "a file");
    await expect(cacheIn(world).open(versionOf(world, "1"), quiet)).rejects.toThrow(/EEXIST|ENOTDIR/);
  });
});

/** A disk of its own for a test, where this process may make one. */
function mountDisk(path: string, options: string): Disposable | undefined {
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]).status === 0;
  return mounted ? { [Symbol.dispose]: () => void spawnSync("umount", ["-l", path]) } : undefined;
}

describe("a disk", () => {
  it("that fills up fails the load, says what to do, and is left as it was", async (test) => {
    await using world = await makeWorld();
    await mkdir(world.folder.at("cache"));
    using disk = mountDisk(world.folder.at("cache"), "size=256k");
    if (disk === undefined) return test.skip("this process may not mount a disk");
    const cache = cacheIn(world, {
      fetch: { concurrency: 2, partBytes: 50_000, tries: { attempts: 2, delayMs: 1 }, stallMs: 5_000 },
    });
    await expect(cache.open(versionOf(world, "1", 500_000), quiet)).rejects.toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      message: expect.stringMatching(/is on a disk that is full: make room, or set a smaller maxBytes \(ENOSPC\)/),
    });
    expect(await readdir(world.folder.at("cache", "staging"))).toEqual([]);
    await using files = await cache.open(versionOf(world, "2", 100_000), quiet);
    await readWhole(files, "2", 100_000);
  });

  it("that is read-only fails the load, and says what to do", async (test) => {
    await using world = await makeWorld();
    await mkdir(world.folder.at("cache"));
    using disk = mountDisk(world.folder.at("cache"), "size=256k,ro");
    if (disk === undefined) return test.skip("this process may not mount a disk");
    await expect(cacheIn(world).open(versionOf(world, "1"), quiet)).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringMatching(/is on a read-only disk: name a folder that can be written/),
    });
  });

  it("that this user may not write to fails the load, and says what to do", async (test) => {
    if (process.getuid?.() === 0) return test.skip("this process may write everywhere");
    await using world = await makeWorld();
    await mkdir(world.folder.at("cache"));
    await chmod(world.folder.at("cache"), 0o500);
    await expect(cacheIn(world).open(versionOf(world, "1"), quiet)).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringMatching(/cannot be written: give this user the right to/),
    });
  });
});

describe("the name of an entry", () => {
  const file = { name: "a", key: "k", sizeBytes: 1, etag: "e" };
  it("is its contents where they are known, wherever they lie and in whatever order", () => {
    const [a, b] = [
      { ...file, sha256: "1" },
      { ...file, name: "b", sha256: "2" },
    ];
    expect(entryKey("s3://x/1", [a, b])).toBe(entryKey("s3://y/2", [{ ...b, etag: "f", key: "l" }, a]));
    expect(entryKey("s3://x/1", [a, b])).not.toBe(entryKey("s3://x/1", [a, { ...b, sha256: "3" }]));
  });

  it("is else its place and etags", () => {
    const names = [
      entryKey("s3://x/1", [file]),
      entryKey("s3://y/1", [file]),
      entryKey("s3://x/1", [{ ...file, etag: "f" }]),
      entryKey("s3://x/1", [{ ...file, sizeBytes: 2 }]),
    ];
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("an entry", () => {
  it("is used when it is opened", async () => {
    await using world = await makeWorld();
    const version = versionOf(world, "1");
    await (await cacheIn(world).open(version, quiet))[Symbol.asyncDispose]();
    const record = fileOf(world, version).replace("files/a", "entry.json");
    await utimes(record, 1, 1);
    const before = await readFile(record, "utf8");
    await (await cacheIn(world).open(version, quiet))[Symbol.asyncDispose]();
    expect(await readFile(record, "utf8")).toBe(before);
    expect((await stat(record)).mtimeMs).toBeGreaterThan(1_000_000);
  });
});
