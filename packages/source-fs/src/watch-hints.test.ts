import { mkdir, rm } from "node:fs/promises";
import { describe, expect, it, vi } from "vitest";
import { tempFolder } from "../../source-folders/src/testing/temp-folder.js";
import { systemPorts, type Watcher } from "./ports.js";
import { deferred, openStage } from "./testing/stage.js";

describe("hints", () => {
  it("bring the next look forward, and two close looks do not make a folder be at rest", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    const watchers: Watcher[] = [];
    const ports = {
      watch: (_: string, watcher: Watcher) => {
        watchers.push(watcher);
        return () => {};
      },
    };
    const stage = await openStage({ path: base.path, settled: false, watch: true, ports });
    watchers[0]?.onHint();
    await stage.look(50);
    expect(stage.versions()).toEqual([]);
    await stage.look();
    expect(stage.versions()).toEqual([1]);
    expect(watchers).toHaveLength(1);
  });

  it("are not needed: a watch that cannot be had, or ends, is tried again and changes nothing", async () => {
    await using base = await tempFolder();
    await base.copyModel(1, "1");
    const watchers: Watcher[] = [];
    const ports = {
      watch: (_: string, watcher: Watcher) => {
        watchers.push(watcher);
        if (watchers.length === 1) throw new Error("ENOSPC: no watches are left");
        return () => {};
      },
    };
    const stage = await openStage({ path: base.path, watch: true, ports });
    await stage.look();
    expect(watchers).toHaveLength(2);
    watchers[1]?.onEnd();
    await stage.look();
    await stage.look();
    expect(watchers).toHaveLength(3);
    expect(stage.versions()).toEqual([1]);
    expect(stage.warnings).toEqual([]);
  });

  it("follow a base path that went away and came back", async () => {
    await using base = await tempFolder();
    const log: string[] = [];
    const ports = {
      watch: () => {
        log.push("watch");
        return () => log.push("stop");
      },
    };
    await base.copyModel(1, "models/1");
    const stage = await openStage({ path: base.at("models"), watch: true, ports });
    await rm(base.at("models"), { recursive: true });
    await stage.look();
    await stage.look();
    expect(log).toEqual(["watch", "stop", "watch", "stop"]);
  });

  it("are not asked for where they are not wanted", async () => {
    await using base = await tempFolder();
    const ports = {
      watch: () => {
        throw new Error("not wanted");
      },
    };
    const watch = vi.fn(ports.watch);
    await openStage({ path: base.path, watch: false, ports: { watch } });
    await openStage({ path: base.path, watch: true, pollMs: 0, ports: { watch } });
    expect(watch).not.toHaveBeenCalled();
  });

  it("come from the system when a version folder appears", async () => {
    await using base = await tempFolder();
    const hinted = deferred();
    const stop = systemPorts.watch(base.path, { onHint: hinted.resolve, onEnd: () => {} });
    await mkdir(base.at("7"));
    await hinted.promise;
    stop();
    expect(() => systemPorts.watch(base.at("missing"), { onHint: () => {}, onEnd: () => {} })).toThrow("ENOENT");
  });
});
