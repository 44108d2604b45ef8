import { cp, mkdir, rename, rm, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AspiredVersion, all, exactly, latest } from "@servable/core";
import { firstValueFrom, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import { HALF_PLUS_TWO, tempFolder } from "../../source-folders/src/testing/temp-folder.js";
import { fsSource } from "./fs-source.js";
import { openStage } from "./testing/stage.js";

const DATA = "variables/variables.data-00000-of-00001";

const revisionIn = (version: AspiredVersion<unknown>): string | undefined =>
  "error" in version ? undefined : version.revision;

describe("versions", () => {
  it("are the folders with decimal names; all else is skipped with its reason", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "0001");
    await base.copyModel(2, "2");
    await base.copyModel(2, "v0.1");
    await base.write("7.txt", "");
    await base.write("8", "a file");
    await symlink(base.at("nowhere"), base.at("9"));
    const stage = await openStage({ path: base.path, versions: all() });
    expect(stage.versions()).toEqual([2, 1]);
    expect(Object.keys(stage.skipped())).toEqual(["8", "9", "7.txt", "v0.1"]);
    expect(stage.last().notes).toEqual([]);
    expect(stage.warnings).toEqual([]);
  });

  it.each([
    ["the latest by default", undefined, [10]],
    ["the latest two", latest(2), [10, 9]],
    ["given ones", exactly([1, 9, 33]), [9, 1]],
  ])("are chosen by the policy: %s", async (_, versions, expected) => {
    await using base = await tempFolder();
    for (const entry of ["1", "9", "10"]) await base.copyModel(1, entry);
    const stage = await openStage({ path: base.path, versions });
    expect(stage.versions()).toEqual(expected);
  });

  it("come with files that can be read", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "01");
    const [version] = (await openStage({ path: base.path })).last().versions;
    if (version === undefined || "error" in version) throw new Error("no data");
    await using files = await version.data.open({ signal: AbortSignal.any([]), report: () => {} });
    expect(files.path).toBe(base.at("01"));
    expect((await files.list()).map(({ name }) => name)).toContain(DATA);
  });

  it("may lie behind links, and a link that is turned is a replacement", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "builds/a");
    await base.copyModel(2, "builds/b");
    await mkdir(base.at("served"));
    await symlink("../builds/a", base.at("served", "1"));
    const stage = await openStage({ path: base.at("served") });
    await symlink("../builds/b", base.at("served", "next"));
    await rename(base.at("served", "next"), base.at("served", "1"));
    await stage.look();
    await stage.look();
    const revisions = stage.lists.flatMap(({ versions }) => versions.map(revisionIn));
    expect(stage.versions()).toEqual([1]);
    expect(new Set(revisions).size).toBe(2);
  });

  it("that are removed are left out", async () => {
    await using base = await tempFolder();
    for (const entry of ["1", "2", "3"]) await base.copyModel(1, entry);
    const stage = await openStage({ path: base.path, versions: latest(2) });
    await rm(base.at("3"), { recursive: true });
    await stage.look();
    expect(stage.lists.map((list) => list.versions.map(({ version }) => version))).toEqual([
      [3, 2],
      [2, 1],
    ]);
    expect(stage.warnings).toEqual([]);
  });

  it("that stay as they are make no second list", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    const stage = await openStage({ path: base.path });
    for (let look = 0; look < 5; look++) await stage.look();
    expect(stage.lists).toHaveLength(1);
  });
});

describe("a copy under way", () => {
  it("leaves the version before it offered, and says what is missing, until it is whole and at rest", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    const stage = await openStage({ path: base.path, settled: false });
    await stage.look();
    const source = join(HALF_PLUS_TWO, "2");
    const arrive = async (name: string): Promise<void> => cp(join(source, name), base.at("2", name));
    const steps: [string | undefined, string][] = [];
    await mkdir(base.at("2", "variables"), { recursive: true });
    for (const name of ["saved_model.pb", "variables/variables.index", DATA, undefined]) {
      for (const reason of ["changing", "resting"]) {
        await stage.look();
        steps.push([stage.skipped()["2"], `${reason}, ${stage.versions().join()}`]);
      }
      if (name !== undefined) await arrive(name);
    }
    expect(steps.map(([reason, versions]) => `${versions}: ${reason}`)).toEqual([
      "changing, 1: not at rest: its files have just changed",
      "resting, 1: not complete: saved_model.pb is missing",
      "changing, 1: not at rest: its files have just changed",
      "resting, 1: not complete: variables/variables.index is missing",
      "changing, 1: not at rest: its files have just changed",
      `resting, 1: not complete: ${DATA} is missing`,
      "changing, 1: not at rest: its files have just changed",
      "resting, 2: undefined",
    ]);
  });

  it("is not taken for whole while its last file is short", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    await truncate(base.at("1", DATA), 3);
    const stage = await openStage({ path: base.path });
    expect(stage.versions()).toEqual([]);
    expect(stage.skipped()["1"]).toMatch(`not complete: ${DATA} has 3 of`);
    expect(stage.last().notes?.[0]).toMatch("nothing to offer as the latest version");
  });

  it("is offered at the first look when it is old, at the second when it is new", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    const old = await openStage({ path: base.path });
    expect(old.versions()).toEqual([1]);
    const young = await openStage({ path: base.path, settled: false });
    expect(young.versions()).toEqual([]);
    await young.look();
    expect(young.versions()).toEqual([1]);
  });

  it("of what a policy would not choose is not looked into", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "2");
    await mkdir(base.at("1"));
    const stage = await openStage({ path: base.path });
    expect(stage.versions()).toEqual([2]);
    expect(stage.skipped()).toEqual({});
  });

  it("is judged by the rule that was given", async () => {
    await using base = await tempFolder();
    await base.write("v4/model.onnx", "abc");
    const asked: string[] = [];
    const stage = await openStage({
      path: base.path,
      parseVersion: (entry) => Number(entry.slice(1)),
      complete: async (files, read) => {
        asked.push(files.map(({ name, sizeBytes }) => `${name} ${sizeBytes}`).join());
        if (!files.some(({ name }) => name === "DONE")) return "DONE is missing";
        return (await read("DONE")).length > 0 ? undefined : "DONE is empty";
      },
    });
    await stage.look();
    expect(stage.skipped()).toEqual({ v4: "not complete: DONE is missing" });
    await base.write("v4/DONE", "yes");
    await stage.look();
    await stage.look();
    expect(stage.versions()).toEqual([4]);
    // Once for each state that was at rest.
    expect(asked).toEqual(["model.onnx 3", "DONE 3,model.onnx 3"]);
  });
});

describe("a version that is rewritten in place", () => {
  it("stays offered as it was until the new bytes are whole and at rest, then has another revision", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    const stage = await openStage({ path: base.path });
    const [before] = stage.last().versions;
    await rm(base.at("1", DATA));
    await stage.look();
    expect(stage.last()).toMatchObject({ notes: [expect.stringContaining("stays offered as it was: not at rest")] });
    expect(stage.last().versions).toEqual([before]);
    await stage.look();
    expect(stage.last().notes).toEqual([`version 1 stays offered as it was: not complete: ${DATA} is missing`]);
    expect(stage.last().versions[0]).toHaveProperty("data", before && "data" in before && before.data);
    await base.copyModel(2, "1");
    await stage.look();
    expect(stage.last().versions).toEqual([before]);
    await stage.look();
    const [after] = stage.last().versions;
    expect(after).toHaveProperty("version", 1);
    expect(after).not.toEqual(before);
    expect(stage.last().notes).toEqual([]);
    expect(stage.warnings).toEqual([]);
  });

  it("has another revision when only a time tells its bytes apart", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    const stage = await openStage({ path: base.path });
    await utimes(base.at("1", DATA), 1_000, 2_000);
    await stage.look();
    await stage.look();
    const revisions = stage.lists.flatMap(({ versions }) => versions.map(revisionIn));
    expect(new Set(revisions).size).toBe(2);
  });
});

describe("a base path", () => {
  it.each([
    ["that is missing", "there is no folder", async () => {}],
    ["that is empty", "holds no version", async (path: string) => mkdir(path)],
    ["that is a file", "is not a folder", async (path: string) => writeFile(path, "")],
  ])("%s gives an empty list that says so, and is looked at again", async (_, reason, prepare) => {
    await using base = await tempFolder();
    await prepare(base.at("models"));
    const stage = await openStage({ path: base.at("models") });
    expect(stage.versions()).toEqual([]);
    expect(stage.last().notes).toEqual([expect.stringContaining(reason)]);
    expect(stage.warnings).toEqual([expect.stringMatching(`^m: .*${reason}`)]);
    await stage.look();
    expect(stage.lists).toHaveLength(1);
    expect(stage.warnings).toHaveLength(1);
    await rm(base.at("models"), { recursive: true, force: true });
    await base.copyModel(1, "models/1");
    await stage.look();
    await stage.look();
    expect(stage.versions()).toEqual([1]);
    expect(stage.last().notes).toEqual([]);
  });

  it.each([
    ["is emptied", "holds no version", async (path: string) => mkdir(path)],
    ["goes away", "there is no folder", async () => {}],
    ["becomes a file", "is not a folder", async (path: string) => writeFile(path, "")],
  ])("that %s leaves the last list, with one warning", async (_, reason, then) => {
    await using base = await tempFolder();
    await base.copyModel(1, "models/1");
    const stage = await openStage({ path: base.at("models") });
    const { versions } = stage.last();
    await rename(base.at("models"), base.at("away"));
    await then(base.at("models"));
    for (let look = 0; look < 3; look++) await stage.look();
    expect(stage.last().versions).toEqual(versions);
    expect(stage.last().notes).toEqual([expect.stringMatching(`${reason}.*what was offered stays offered: version 1`)]);
    expect(stage.warnings).toEqual([expect.stringContaining(reason)]);
    expect(stage.lists).toHaveLength(2);
    await rm(base.at("models"), { recursive: true, force: true });
    await rename(base.at("away"), base.at("models"));
    await stage.look();
    expect(stage.last()).toMatchObject({ versions: [{ version: 1 }], notes: [] });
    expect(stage.last().versions).toEqual(versions);
  });

  it.each(["emptied", "removed"])("that is %s unloads all where that is asked for", async (what) => {
    await using base = await tempFolder();
    await base.copyModel(1, "models/1");
    const stage = await openStage({ path: base.at("models"), whenEmpty: "unload" });
    await rm(base.at("models"), { recursive: true });
    if (what === "emptied") await mkdir(base.at("models"));
    await stage.look();
    expect(stage.versions()).toEqual([]);
    expect(stage.last().notes).toHaveLength(1);
  });

  it("whose last version makes room for a copy under way keeps it", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    const stage = await openStage({ path: base.path });
    await rm(base.at("1"), { recursive: true });
    await mkdir(base.at("2"));
    await stage.look();
    expect(stage.versions()).toEqual([1]);
    expect(Object.keys(stage.skipped())).toEqual(["2"]);
    await base.copyModel(2, "2");
    await stage.look();
    await stage.look();
    expect(stage.versions()).toEqual([2]);
  });
});

it("with pollMs 0 looks once, offers what is complete, however new, and completes", async () => {
  await using base = await tempFolder();
  await base.copyModel(1, "1");
  await mkdir(base.at("2"));
  const lists = await firstValueFrom(fsSource({ name: "half", path: base.path, pollMs: 0 }).pipe(toArray()));
  expect(lists).toMatchObject([{ name: "half", versions: [{ version: 1 }], skipped: [{ entry: "2" }] }]);
});

it("sees a new version by the system's own timer and watch", async () => {
  await using base = await tempFolder();
  const lists = fsSource({ name: "half", path: base.path, pollMs: 20, settleMs: 10 });
  const offered = new Promise<number>((resolve) => {
    const subscription = lists.subscribe(({ versions: [version] }) => {
      if (version === undefined) return void base.copyModel(1, "5");
      subscription.unsubscribe();
      resolve(version.version);
    });
  });
  expect(await offered).toBe(5);
});
