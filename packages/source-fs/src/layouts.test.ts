import { createHash } from "node:crypto";
import { chmod, readFile, rename, rm, symlink } from "node:fs/promises";
import { all, exactly } from "@servable/core";
import { formatManifest, type ManifestFile } from "@servable/saved-model";
import { listFolder } from "@servable/source-folders";
import { describe, expect, it } from "vitest";
import { type TempFolder, tempFolder } from "../../source-folders/src/testing/temp-folder.js";
import { openStage, type Stage } from "./testing/stage.js";

/** The last list of each model, in short. */
function models({ lists }: Stage): Record<string, number[]> {
  return Object.fromEntries(lists.map(({ name, versions }) => [name, versions.map(({ version }) => version)]));
}

async function filesOf(folder: TempFolder, entry: string): Promise<ManifestFile[]> {
  const { files } = await listFolder(folder.at(entry));
  return Promise.all(
    files.map(async ({ name, sizeBytes }) => {
      const sha256 = createHash("sha256")
        .update(await readFile(folder.at(entry, name)))
        .digest("hex");
      return { name, sizeBytes, sha256 };
    }),
  );
}

describe("several models under one folder", () => {
  it("are found by the names of their folders, come and go", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "a/1");
    await base.copyModel(2, "b/2");
    await base.write("README.md", "models");
    const stage = await openStage({ path: base.path, discover: true });
    expect(models(stage)).toEqual({ a: [1], b: [2] });
    await base.copyModel(1, "c/7");
    await rm(base.at("a"), { recursive: true });
    await stage.look();
    await stage.look();
    expect(models(stage)).toEqual({ a: [], b: [2], c: [7] });
  });

  it("have the names that a function gives them", async () => {
    await using base = await tempFolder();
    for (const entry of ["model-a/1", "model-b/1", "scratch/1"]) await base.copyModel(1, entry);
    const discover = (entry: string): string | undefined => /^model-(.*)$/.exec(entry)?.[1];
    const stage = await openStage({ path: base.path, discover });
    expect(models(stage)).toEqual({ a: [1], b: [1] });
  });

  it.each([
    ["keep", { a: [1], b: [2] }],
    ["unload", { a: [], b: [] }],
  ] as const)("that all vanish with their folder are looked at by whenEmpty: %s", async (whenEmpty, expected) => {
    await using base = await tempFolder();
    await base.copyModel(1, "models/a/1");
    await base.copyModel(2, "models/b/2");
    const stage = await openStage({ path: base.at("models"), discover: true, whenEmpty });
    await rename(base.at("models"), base.at("away"));
    await stage.look();
    expect(models(stage)).toEqual(expected);
    await rename(base.at("away"), base.at("models"));
    await stage.look();
    expect(models(stage)).toEqual({ a: [1], b: [2] });
  });
});

describe("a manifest", () => {
  it("makes a version complete at once, without waiting for it to be at rest", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    await base.write("1/servable.json", formatManifest({ files: await filesOf(base, "1") }));
    const stage = await openStage({ path: base.path, settled: false });
    expect(stage.versions()).toEqual([1]);
  });

  it("holds a version back until all that it lists is there", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    const files = [...(await filesOf(base, "1")), { name: "extra", sizeBytes: 2, sha256: "0".repeat(64) }];
    await base.write("1/servable.json", formatManifest({ files }));
    const stage = await openStage({ path: base.path });
    expect(stage.skipped()["1"]).toBe("not complete: extra, which servable.json lists, is missing");
    await base.write("1/extra", "ab");
    await stage.look();
    expect(stage.versions()).toEqual([1]);
  });

  it("that cannot be read is the reason why a version is skipped", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    await base.write("1/servable.json", "{");
    const stage = await openStage({ path: base.path });
    expect(stage.skipped()["1"]).toContain("servable.json: it is not JSON");
  });
});

describe("a marker", () => {
  it("is waited for, and then nothing else", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    const stage = await openStage({ path: base.path, marker: "_SUCCESS" });
    expect(stage.skipped()["1"]).toBe("not complete: _SUCCESS is missing");
    await base.write("1/_SUCCESS", "");
    await stage.look();
    expect(stage.versions()).toEqual([1]);
  });
});

describe("a pointer", () => {
  it("says which version is offered; turning it back rolls back", async () => {
    await using base = await tempFolder();
    for (const entry of ["1", "2", "3"]) await base.copyModel(1, entry);
    await symlink("2", base.at("current"));
    const stage = await openStage({ path: base.path, pointer: "current", versions: all() });
    expect(stage.versions()).toEqual([2]);
    expect(stage.skipped()).toEqual({ 1: "current points to 2", 3: "current points to 2" });
    for (const target of ["3", "1"]) {
      await symlink(target, base.at("next"));
      await rename(base.at("next"), base.at("current"));
      await stage.look();
      expect(stage.versions()).toEqual([Number(target)]);
    }
  });

  it("that is missing keeps what was offered, with the reason", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    await symlink("1", base.at("current"));
    const stage = await openStage({ path: base.path, pointer: "current" });
    await rm(base.at("current"));
    await stage.look();
    expect(stage.versions()).toEqual([1]);
    expect(stage.skipped()).toEqual({ 1: "there is no link current" });
  });
});

it("a link beside the version folders is no version of its own", async () => {
  await using base = await tempFolder();
  await base.copyModel(1, "3");
  await symlink("3", base.at("current"));
  const stage = await openStage({ path: base.path, versions: all() });
  expect(stage.versions()).toEqual([3]);
  expect(Object.keys(stage.skipped())).toEqual(["current"]);
});

it.skipIf(process.getuid?.() === 0)("an entry that may not be read is skipped with its reason", async () => {
  await using base = await tempFolder();
  await base.copyModel(1, "1");
  await base.copyModel(1, "2");
  await chmod(base.at("2"), 0o000);
  const stage = await openStage({ path: base.path });
  expect(stage.versions()).toEqual([1]);
  expect(stage.skipped()["2"]).toContain("EACCES");
  await chmod(base.at("2"), 0o700);
});

it("of thousands of versions only those that are wanted are looked into", async () => {
  await using base = await tempFolder();
  for (let version = 1; version <= 3_000; version++) await base.write(`${version}/note`, "");
  await base.copyModel(1, "1500");
  let looked = 0;
  const count = (path: string): ReturnType<typeof listFolder> => {
    looked++;
    return listFolder(path);
  };
  const stage = await openStage({ path: base.path, versions: exactly([1500]), ports: { listFolder: count } });
  expect(stage.versions()).toEqual([1500]);
  expect(looked).toBeLessThan(5);
});
