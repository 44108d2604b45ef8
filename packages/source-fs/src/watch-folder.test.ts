import { rm, writeFile } from "node:fs/promises";
import { ServingError } from "@servable/core";
import { manualClock } from "@servable/core/testing";
import { listFolder } from "@servable/source-folders";
import { firstValueFrom, take, toArray } from "rxjs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { tempFolder } from "../../source-folders/src/testing/temp-folder.js";
import { listBase } from "./list-base.js";
import { resolveOptions } from "./options.js";
import { systemPorts } from "./ports.js";
import { beginStage, deferred, openStage, POLL_MS } from "./testing/stage.js";
import { watchFolder } from "./watch-folder.js";

const failure = (code: string): Error => Object.assign(new Error(`${code}: it failed`), { code });

/** A function of the file system that fails while `failing` has an error. */
function faulty<A extends readonly unknown[], R>(real: (...args: A) => Promise<R>) {
  const port = {
    failing: undefined as Error | undefined,
    calls: 0,
    call: async (...args: A): Promise<R> => {
      port.calls++;
      if (port.failing !== undefined) throw port.failing;
      return real(...args);
    },
  };
  return port;
}

describe("a base path that cannot be listed", () => {
  it.each(["EIO", "ESTALE", "EMFILE", "ETIMEDOUT"])("for the moment (%s) is one warning and no list", async (code) => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    const listing = faulty(listBase);
    const stage = await openStage({ path: base.path, whenEmpty: "unload", ports: { listBase: listing.call } });
    listing.failing = failure(code);
    for (let look = 0; look < 3; look++) await stage.look();
    expect(stage.lists).toHaveLength(1);
    expect(stage.warnings).toEqual([`m: ${base.path} cannot be listed: ${code}; it is tried again at the next look`]);
    listing.failing = undefined;
    await base.copyModel(2, "2");
    await stage.look();
    await stage.look();
    expect(stage.versions()).toEqual([2]);
  });

  it("at the first look leaves everything open", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    const listing = faulty(listBase);
    listing.failing = failure("EIO");
    const stage = await openStage({ path: base.path, ports: { listBase: listing.call } });
    expect(stage.lists).toEqual([]);
    listing.failing = undefined;
    await stage.look();
    expect(stage.versions()).toEqual([1]);
  });

  it.each(["EACCES", "EPERM"])("until someone acts (%s) keeps its list, with a note", async (code) => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    const listing = faulty(listBase);
    const stage = await openStage({ path: base.path, whenEmpty: "unload", ports: { listBase: listing.call } });
    listing.failing = failure(code);
    await stage.look();
    await stage.look();
    expect(stage.versions()).toEqual([1]);
    expect(stage.last().notes).toEqual([expect.stringMatching(`cannot be listed: ${code}.*stays offered: version 1`)]);
    expect(stage.lists).toHaveLength(2);
    expect(stage.warnings).toHaveLength(1);
  });

  it("is the end of a source that looks only once", async () => {
    const ports = { listBase: () => Promise.reject(failure("EIO")) };
    const stage = await openStage({ path: "/m", pollMs: 0, ports });
    expect(stage.lists).toEqual([]);
    expect(stage.end()).toMatchObject({ error: { name: "ServingError", code: "NOT_AVAILABLE" } });
  });

  it("in the middle of a look has not lost its versions", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    await base.copyModel(1, "2");
    let unmount = false;
    const stage = await openStage({
      path: base.path,
      whenEmpty: "unload",
      ports: {
        listFolder: async (path) => {
          if (unmount) await rm(base.path, { recursive: true });
          return listFolder(path);
        },
        listBase: async (path) => {
          if (!unmount) return listBase(path);
          return listBase(path).catch(() => Promise.reject(failure("EIO")));
        },
      },
    });
    unmount = true;
    await stage.look();
    expect(stage.versions()).toEqual([2]);
    expect(stage.warnings).toEqual([expect.stringContaining("cannot be listed: EIO")]);
  });
});

describe("a version folder", () => {
  it("that fails stays offered, with a warning, and is not replaced by an older version", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    await base.copyModel(1, "2");
    const folders = faulty(listFolder);
    const stage = await openStage({ path: base.path, ports: { listFolder: folders.call } });
    folders.failing = failure("EIO");
    await stage.look();
    await stage.look();
    expect(stage.versions()).toEqual([2]);
    expect(stage.warnings).toEqual([`m: ${base.at("2")} cannot be looked into: EIO`]);
  });

  it("that fails before it was offered is skipped with its reason, and tried again", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    const reading = faulty(systemPorts.readFile);
    reading.failing = new ServingError("LOAD_FAILED", "no luck");
    const stage = await openStage({ path: base.path, ports: { readFile: reading.call } });
    expect(stage.skipped()).toEqual({ 1: `${base.at("1")} cannot be looked into: no luck` });
    reading.failing = undefined;
    await stage.look();
    expect(stage.versions()).toEqual([1]);
    expect(stage.warnings).toHaveLength(1);
  });

  it("that changes while it is being read is not offered, though it was found whole", async () => {
    await using base = await tempFolder();
    await base.write("1/model", "old");
    let disturb = true;
    const stage = await openStage({
      path: base.path,
      complete: async () => {
        if (disturb) await base.write("1/model", "newer");
        disturb = false;
        return undefined;
      },
    });
    expect(stage.versions()).toEqual([]);
    expect(stage.skipped()).toEqual({ 1: "not at rest: its files have just changed" });
    await stage.look();
    expect(stage.versions()).toEqual([1]);
  });

  it("whose file vanishes while it is being read is being changed, not failing", async () => {
    await using base = await tempFolder();
    await base.write("1/model", "old");
    const stage = await openStage({
      path: base.path,
      complete: async (files, read) => {
        await rm(base.at("1", "model"), { force: true });
        for (const { name } of files) await read(name);
        return undefined;
      },
    });
    expect(stage.skipped()).toEqual({ 1: "not at rest: its files have just changed" });
    expect(stage.warnings).toEqual([]);
  });

  it("that is removed while it is being read is no version", async () => {
    await using base = await tempFolder();
    await base.write("1/model", "");
    await base.write("2/model", "");
    const stage = await openStage({
      path: base.path,
      complete: async () => {
        await rm(base.at("2"), { recursive: true, force: true });
        return undefined;
      },
    });
    expect(stage.versions()).toEqual([1]);
    expect(stage.skipped()).toEqual({});
    expect(stage.warnings).toEqual([]);
  });
});

describe("looks", () => {
  it("begin on subscription, and never overlap", async () => {
    const gate = deferred();
    let [running, most] = [0, 0];
    const stage = beginStage({
      path: "/m",
      ports: {
        listBase: async () => {
          most = Math.max(most, ++running);
          await gate.promise;
          running--;
          return [];
        },
      },
    });
    stage.clock.advance(100 * POLL_MS);
    expect(running).toBe(1);
    gate.resolve();
    await stage.looked();
    await stage.look();
    expect(most).toBe(1);
  });

  it("end with the subscription: no timer, no watch and no word remain", async () => {
    const gate = deferred();
    const stopped: string[] = [];
    const asked: string[] = [];
    const stage = beginStage({
      path: "/m",
      watch: true,
      ports: {
        listBase: async () => {
          await gate.promise;
          return [{ name: "1", kind: "folder" }];
        },
        listFolder: async (path) => {
          asked.push(path);
          return { files: [], newestMs: 0 };
        },
        watch: () => () => stopped.push("watch"),
      },
    });
    stage.subscription.unsubscribe();
    expect(stopped).toEqual(["watch"]);
    gate.resolve();
    // Longer than the rest of the look can take: all its steps are microtasks.
    await new Promise((resolve) => setImmediate(resolve));
    expect({ asked, lists: stage.lists, end: stage.end(), timers: stage.clock.scheduled }).toEqual({
      asked: [],
      lists: [],
      end: undefined,
      timers: 0,
    });
  });

  it("end with the subscription between two looks", async () => {
    await using base = await tempFolder();
    const stage = await openStage({ path: base.path });
    expect(stage.clock.scheduled).toBe(1);
    stage.subscription.unsubscribe();
    expect(stage.clock.scheduled).toBe(0);
  });

  it("that fail after the end of the subscription are nobody's trouble", async () => {
    const gate = deferred();
    const listBase = async () => {
      await gate.promise;
      throw failure("EIO");
    };
    const stage = beginStage({ path: "/m", ports: { listBase } });
    stage.subscription.unsubscribe();
    gate.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(stage.warnings).toEqual([]);
  });

  it("end when a list makes the subscriber leave", async () => {
    const clock = manualClock();
    const ports = { ...systemPorts, clock, listBase: async () => [] };
    const settings = resolveOptions({ name: "m", path: "/m", watch: false });
    const lists = await firstValueFrom(watchFolder(settings, ports).pipe(take(1), toArray()));
    await new Promise((resolve) => setImmediate(resolve));
    expect(lists).toMatchObject([{ name: "m", versions: [] }]);
    expect(clock.scheduled).toBe(0);
  });

  it("belong to one subscription each", async () => {
    const clock = manualClock();
    const listBase = vi.fn(async () => []);
    const source = watchFolder(resolveOptions({ name: "m", path: "/m", watch: false }), {
      ...systemPorts,
      clock,
      listBase,
    });
    expect(listBase).not.toHaveBeenCalled();
    const both = [source, source].map((each) => firstValueFrom(each));
    expect(listBase).toHaveBeenCalledTimes(2);
    expect(await both[0]).toEqual(await both[1]);
  });

  it("come sooner than a long poll while a folder settles", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    const stage = await openStage({ path: base.path, settled: false, pollMs: 60_000, settleMs: 2_000 });
    expect(stage.versions()).toEqual([]);
    await stage.look(2_000);
    expect(stage.versions()).toEqual([1]);
  });

  it("end with an error when the policy cannot choose", async () => {
    await using base = await tempFolder();
    const versions = {
      description: "none",
      select: () => {
        throw new Error("cannot choose");
      },
    };
    const stage = await openStage({ path: base.path, versions });
    expect(stage.end()).toMatchObject({ error: { name: "ServingError", message: "m: cannot choose" } });
    expect(stage.clock.scheduled).toBe(0);
  });
});

describe("a listener for warnings that throws", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is reported as an uncaught error, and looking goes on", async () => {
    await using base = await tempFolder();
    await writeFile(base.at("file"), "");
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const onWarning = (): void => {
      throw new Error("the listener's own");
    };
    const stage = await openStage({ path: base.at("file"), onWarning });
    expect(() => vi.runAllTimers()).toThrow("the listener's own");
    expect(stage.versions()).toEqual([]);
    await stage.look();
    expect(stage.end()).toBeUndefined();
  });
});
