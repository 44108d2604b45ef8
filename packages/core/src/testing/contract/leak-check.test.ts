import { of } from "rxjs";
import { describe, expect, it } from "vitest";
import type { Loader } from "../../loader.js";
import { createManager } from "../../manager/create-manager.js";
import { gatedLoader } from "../gated-loader.js";
import { loadContext } from "../load-context.js";
import { leakCheck } from "./leak-check.js";

describe("a leak check", () => {
  it("counts what is loaded until it is disposed, and names it", async () => {
    const leaks = leakCheck();
    const loader = leaks.loader(gatedLoader({ open: true }));
    const first = await loader.load(loadContext());
    const second = await loader.load(loadContext({ id: { name: "m", version: 2 } }));
    expect(leaks.held).toEqual(["the loaded m/1", "the loaded m/2"]);
    await first[Symbol.asyncDispose]();
    expect(() => leaks.check()).toThrow("still held: the loaded m/2");
    await second[Symbol.asyncDispose]();
    leaks.check();
    expect(leaks.taken).toBe(2);
  });

  it("passes on all that a loader and what it loaded say", async () => {
    const loader: Loader<string> = {
      dependencies: [{ name: "part" }],
      estimateResources: () => ({ memoryBytes: 1 }),
      load: async () => ({
        servable: "s",
        resources: { memoryBytes: 2 },
        describe: () => ({ engine: "none" }),
        async [Symbol.asyncDispose]() {},
      }),
    };
    const checked = leakCheck().loader(loader);
    const loaded = await checked.load(loadContext());
    expect([checked.dependencies, await checked.estimateResources?.(loadContext())]).toEqual([
      [{ name: "part" }],
      { memoryBytes: 1 },
    ]);
    expect([loaded.servable, loaded.resources, loaded.describe?.()]).toEqual([
      "s",
      { memoryBytes: 2 },
      { engine: "none" },
    ]);
    const bare = leakCheck().loader(gatedLoader({ open: true }));
    expect([bare.estimateResources, (await bare.load(loadContext())).describe]).toEqual([undefined, undefined]);
  });

  it("counts a load that failed, and a disposal that failed, as what they are", async () => {
    const leaks = leakCheck();
    const failing = leaks.loader({ load: () => Promise.reject(new Error("no")) });
    await expect(failing.load(loadContext())).rejects.toThrow("no");
    leaks.check();
    const sticky = leaks.loader({
      load: async () => ({ servable: 1, [Symbol.asyncDispose]: () => Promise.reject(new Error("stuck")) }),
    });
    const loaded = await sticky.load(loadContext());
    await expect(loaded[Symbol.asyncDispose]()).rejects.toThrow("stuck");
    expect(leaks.held).toEqual(["the loaded m/1"]);
  });

  it("counts handles until they are released, however they are taken", async () => {
    const leaks = leakCheck();
    const source = of({ name: "m", versions: [{ version: 1, data: gatedLoader({ open: true }) }] } as const);
    const manager = leaks.manager(createManager({ source }));
    await manager.whenAvailable("m");
    const acquired = manager.acquire("m");
    const borrowed = await manager.borrow("m", { version: 1 });
    expect(acquired.servable.id).toEqual({ name: "m", version: 1 });
    expect(leaks.held).toEqual(["a handle of m/1", "a handle of m/1"]);
    acquired.release();
    acquired.release();
    expect(() => acquired.servable).toThrow("released");
    expect(leaks.held).toHaveLength(1);
    borrowed[Symbol.dispose]();
    const used = manager.use("m", () => [...leaks.held]);
    expect(await used).toEqual(["a use of m/1"]);
    await expect(manager.use("m", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(() => manager.acquire("m", { version: 9 })).toThrow("no version 9");
    leaks.check();
    await manager.close();
  });

  it("counts the handles of parts, and files that are open", async () => {
    const leaks = leakCheck();
    const { servables } = loadContext({ servables: { part: 1 } });
    const handle = leaks.parts(servables).acquire({ name: "part" });
    const files = leaks.files({
      open: async () => ({
        path: "/m",
        list: async () => [{ name: "a", sizeBytes: 1 }],
        read: async () => new Uint8Array(1),
        async [Symbol.asyncDispose]() {},
      }),
    });
    const open = await files.open(loadContext());
    expect(leaks.held).toEqual(["a handle of part/1", "open files"]);
    expect([open.path, await open.list(), await open.read("a")]).toEqual([
      "/m",
      [{ name: "a", sizeBytes: 1 }],
      new Uint8Array(1),
    ]);
    handle.release();
    await open[Symbol.asyncDispose]();
    leaks.check();
  });
});
