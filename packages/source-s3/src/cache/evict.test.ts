import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type TempFolder, tempFolder } from "../../../source-folders/src/testing/temp-folder.js";
import { makeClaims } from "./claims.js";
import { evictionOrder, makeRoom, sweep } from "./evict.js";
import { formatOwner, MACHINE, newOwner } from "./owner.js";

describe("what is removed to make room", () => {
  const entry = fc.record({ key: fc.uuid(), sizeBytes: fc.nat(100), usedMs: fc.nat(50) });
  it("is nothing where there is room, else the longest unused first", () => {
    fc.assert(
      fc.property(fc.array(entry), fc.nat(500), fc.nat(500), (entries, maxBytes, neededBytes) => {
        const order = evictionOrder(entries, { maxBytes, neededBytes });
        const total = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        if (total + neededBytes <= maxBytes) expect(order).toEqual([]);
        else
          expect(order.map(({ usedMs }) => usedMs)).toEqual(entries.map(({ usedMs }) => usedMs).sort((a, b) => a - b));
      }),
    );
  });
});

/** A cache with entries of some sizes, the later ones used later. */
async function cacheOf(folder: TempFolder, sizes: Readonly<Record<string, number>>): Promise<void> {
  for (const part of ["entries", "staging", "claims", "quarantine"]) await mkdir(folder.at(part), { recursive: true });
  for (const [index, [key, sizeBytes]] of Object.entries(sizes).entries()) {
    const file = { name: "a", sizeBytes, algorithm: "md5", digest: "00", mtimeMs: 1 };
    await folder.write(`entries/${key}/entry.json`, JSON.stringify({ files: [file] }));
    await utimes(folder.at("entries", key, "entry.json"), 1_000 + index, 1_000 + index);
  }
}

describe("making room", () => {
  it("keeps what was used lately, what is leased, and what another is about to open", async () => {
    await using folder = await tempFolder();
    await cacheOf(folder, { leased: 10, locked: 10, oldest: 10, next: 10, latest: 10 });
    const claims = makeClaims(folder.at("claims"));
    await using lease = await claims.lease("leased");
    await using lock = await claims.tryLock("locked");
    expect([lease, lock]).not.toContain(undefined);
    expect(await makeRoom(folder.path, claims, { maxBytes: 50, neededBytes: 15 })).toBe(30);
    expect((await readdir(folder.at("entries"))).sort()).toEqual(["latest", "leased", "locked"]);
    expect(await makeRoom(folder.path, claims, { maxBytes: 50, neededBytes: 50 })).toBe(20);
    expect((await readdir(folder.at("entries"))).sort()).toEqual(["leased", "locked"]);
    expect(await readdir(folder.at("staging"))).toEqual([]);
    expect(await readdir(folder.at("claims"))).toHaveLength(2);
  });

  it("counts downloads of others that are under way", async () => {
    await using folder = await tempFolder();
    await cacheOf(folder, { old: 10 });
    await folder.write(`staging/other.${formatOwner(newOwner())}/files/deep/a`, "x".repeat(30));
    expect(await makeRoom(folder.path, makeClaims(folder.at("claims")), { maxBytes: 50, neededBytes: 15 })).toBe(30);
    expect(await readdir(folder.at("entries"))).toEqual([]);
  });

  it("begins with what was put aside, and with downloads that nobody goes on with, but not that of its own", async () => {
    await using folder = await tempFolder();
    await cacheOf(folder, { old: 10 });
    await folder.write("quarantine/bad.1/files/a", "x".repeat(30));
    await folder.write(`staging/other.left-${MACHINE}/files/a`, "x".repeat(30));
    await folder.write(`staging/mine.left-${MACHINE}/files/a`, "x".repeat(30));
    const room = { maxBytes: 50, neededBytes: 40, key: "mine" };
    expect(await makeRoom(folder.path, makeClaims(folder.at("claims")), room)).toBe(10);
    expect(await readdir(folder.at("quarantine"))).toEqual([]);
    expect(await readdir(folder.at("staging"))).toEqual([`mine.left-${MACHINE}`]);
  });
});

describe("what killed processes left", () => {
  const hourAgo = Date.now() / 1_000 - 4_000;
  const dead = formatOwner({ ...newOwner(), pid: 2 ** 22 + 1 });
  const cases: readonly [string, boolean, boolean][] = [
    // Name, whether it is old, whether it stays.
    [`staging/key.${formatOwner(newOwner())}`, true, true],
    [`staging/key.${dead}`, false, true],
    [`staging/key.${dead}`, true, false],
    [`staging/key.left-${MACHINE}`, false, true],
    [`staging/key.left-${MACHINE}`, true, false],
    [`staging/trash.${dead}`, false, false],
    [`staging/trash.${formatOwner(newOwner())}`, false, true],
    [`claims/key.lease.${dead}`, false, false],
    [`claims/key.lock.${formatOwner(newOwner())}`, true, true],
    [`claims/key.lock.${formatOwner({ ...newOwner(), machine: "0123456789ab" })}`, true, true],
    ["quarantine/key.1700000000000", false, true],
    ["quarantine/key.1700000000000", true, false],
  ];
  it.each(cases)("%s, old: %s, stays: %s", async (name, old, stays) => {
    await using folder = await tempFolder();
    await cacheOf(folder, {});
    if (name.startsWith("claims/")) await writeFile(folder.at(name), "");
    else await folder.write(`${name}/a`, "");
    if (old) await utimes(folder.at(name), hourAgo, hourAgo);
    await sweep(folder.path);
    expect((await readdir(folder.at(name.split("/")[0] ?? ""))).length).toBe(stays ? 1 : 0);
  });
});
