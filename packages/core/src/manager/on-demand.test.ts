import { Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import type { Loader } from "../loader.js";
import type { AspiredVersions } from "../source/source.js";
import { type GatedLoader, type GatedServable, gatedLoader } from "../testing/gated-loader.js";
import { manualClock } from "../testing/manual-clock.js";
import { one, stage, stateOf, turn, two } from "../testing/stage.js";
import { createManager } from "./create-manager.js";
import type { Manager } from "./manager.js";

/** A manager of the given names, one open loader each. */
function zoo(
  names: readonly string[],
  options: Parameters<typeof createManager>[1] = {},
): {
  manager: Manager;
  loaders: Record<string, GatedLoader>;
  loaded: () => string[];
  want: (name: string, ...versions: AspiredVersions<Loader<GatedServable>>["versions"]) => void;
  clock: ReturnType<typeof manualClock>;
} {
  const clock = manualClock();
  const loaders = Object.fromEntries(names.map((name) => [name, gatedLoader({ open: true })]));
  const source = new Subject<AspiredVersions<Loader<GatedServable>>>();
  const manager: Manager = createManager({ zoo: source }, { clock, onDemand: {}, ...options });
  for (const name of names) source.next({ name, versions: [{ version: 1, data: loaders[name] as GatedLoader }] });
  const loaded = (): string[] =>
    manager
      .snapshot()
      .models.filter(({ versions }) => versions.some(({ state }) => state === "AVAILABLE"))
      .map(({ name }) => name);
  const want = (name: string, ...versions: AspiredVersions<Loader<GatedServable>>["versions"]): void =>
    source.next({ name, versions });
  return { manager, loaders, loaded, want, clock };
}

describe("loading on demand", () => {
  it("loads nothing before the first borrow, one load for all who ask, and is ready all the same", async () => {
    const { manager, want } = stage({ onDemand: {} });
    const loader = gatedLoader();
    want(one(loader));
    await turn();
    expect([loader.begun, manager.snapshot().ready]).toEqual([0, true]);
    expect(manager.explain("m")).toContain("is loaded when it is first borrowed");
    expect(() => manager.acquire("m")).toThrow("is loaded when it is first borrowed");
    const asked = [manager.borrow("m"), manager.borrow("m", { version: 1 }), manager.use("m", ({ id }) => id.version)];
    await turn();
    expect(loader.begun).toBe(1);
    loader.pending[0]?.succeed();
    const [first, second, third] = await Promise.all(asked);
    expect([typeof first, typeof second, third]).toEqual(["object", "object", 1]);
    expect(manager.acquire("m").id.version).toBe(1);
  });

  it("takes the latest that could be loaded, not the latest that is", async () => {
    const { manager, want } = stage({ onDemand: {} });
    const loaders = [gatedLoader({ open: true }), gatedLoader({ open: true })] as const;
    want(one(loaders[0]), two(loaders[1]));
    expect((await manager.borrow("m", { version: "earliest" })).id.version).toBe(1);
    expect(manager.acquire("m").id.version).toBe(1);
    expect((await manager.borrow("m")).id.version).toBe(2);
    manager.setLabel("m", "old", 1);
    expect((await manager.borrow("m", { label: "old" })).id.version).toBe(1);
  });

  it("tries a load that failed again at the next borrow", async () => {
    const { manager, want } = stage({ onDemand: {}, retry: { attempts: 0 } });
    const loader = gatedLoader();
    want(one(loader));
    const failed = manager.borrow("m");
    await turn();
    loader.pending[0]?.fail(new Error("no room"));
    await expect(failed).rejects.toThrow("no room");
    const again = manager.borrow("m");
    await turn();
    loader.pending[0]?.succeed();
    expect((await again).id.version).toBe(1);
  });

  it("lets one who aborts go, and goes on loading for the others", async () => {
    const { manager, want } = stage({ onDemand: {} });
    const loader = gatedLoader();
    want(one(loader));
    const controller = new AbortController();
    const left = manager.borrow("m", {}, { signal: controller.signal });
    const stays = manager.borrow("m");
    controller.abort();
    await expect(left).rejects.toMatchObject({ code: "CANCELLED" });
    loader.pending[0]?.succeed();
    expect((await stays).id.version).toBe(1);
  });

  it("refuses what no source lists, and everything once it is closed", async () => {
    const { manager, want } = stage({ onDemand: {} });
    want(one(gatedLoader({ open: true })));
    await expect(manager.borrow("m", { version: 7 })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(manager.borrow("m", { label: "x" })).rejects.toMatchObject({ code: "NOT_FOUND" });
    (await manager.borrow("m")).release();
    await manager.close();
    await expect(manager.borrow("m")).rejects.toMatchObject({ code: "NOT_AVAILABLE" });
  });

  it("unloads a version that is no longer listed, and does not bring it back", async () => {
    const { manager, want } = stage({ onDemand: {} });
    const loader = gatedLoader({ open: true });
    want(one(loader));
    (await manager.borrow("m")).release();
    want();
    await turn();
    expect([stateOf(manager, 1), loader.released]).toEqual(["END", 1]);
    await expect(manager.borrow("m")).rejects.toMatchObject({ code: "NOT_AVAILABLE" });
  });
});

describe("room for loads on demand", () => {
  it("is made by unloading the longest unused, and what is held is left alone", async () => {
    const { manager, loaded, clock } = zoo(["a", "b", "c", "d"], { onDemand: { maxLoaded: 2 } });
    const held = await manager.borrow("a");
    clock.advance(1);
    (await manager.borrow("b")).release();
    clock.advance(1);
    (await manager.borrow("c")).release();
    expect(loaded()).toEqual(["a", "c"]);
    held.release();
    clock.advance(1);
    (await manager.borrow("c")).release();
    (await manager.borrow("d")).release();
    // "a" came back later than "c" was first used, and earlier than it was used last.
    expect(loaded()).toEqual(["c", "d"]);
    (await manager.borrow("a")).release();
    expect(loaded()).toContain("a");
  });

  it("is waited for while everything is held, with the reason", async () => {
    const { manager, loaded } = zoo(["a", "b"], { onDemand: { maxLoaded: 1 } });
    const held = await manager.borrow("a");
    const waiting = manager.borrow("b");
    await turn();
    expect(manager.explain("b")).toContain("waits for one of the 1 versions that may be loaded");
    held.release();
    expect((await waiting).id.name).toBe("b");
    expect(loaded()).toEqual(["b"]);
  });

  it("is made by what is idle, though something else drains for as long as it is held", async () => {
    const { manager, want, loaded } = zoo(["a", "b", "c"], { onDemand: { maxLoaded: 2 } });
    const held = await manager.borrow("a");
    (await manager.borrow("b")).release();
    want("a");
    expect((await manager.borrow("c")).id.name).toBe("c");
    expect(loaded()).toEqual(["c"]);
    held.release();
  });

  it("counts bytes as well", async () => {
    const { manager, want } = stage({ onDemand: {}, limits: { memoryBytes: 10 } });
    const heavy = (loader: GatedLoader): Loader<GatedServable> => ({
      estimateResources: () => ({ memoryBytes: 6 }),
      load: (context) => loader.load(context),
    });
    want(one(heavy(gatedLoader({ open: true }))), two(heavy(gatedLoader({ open: true }))));
    (await manager.borrow("m", { version: 1 })).release();
    expect((await manager.borrow("m", { version: 2 })).id.version).toBe(2);
    expect(stateOf(manager, 1)).toBe("START");
  });
});

describe("what is idle", () => {
  it("is unloaded after its time, counted from the last release, and can be borrowed again", async () => {
    const { manager, loaded, clock, loaders } = zoo(["a", "b"], { onDemand: { idleMs: 1_000 } });
    const held = await manager.borrow("a");
    (await manager.borrow("b")).release();
    clock.advance(1_000);
    await turn();
    expect(loaded()).toEqual(["a"]);
    held.release();
    clock.advance(999);
    await turn();
    expect(loaded()).toEqual(["a"]);
    clock.advance(1);
    await turn();
    expect(loaded()).toEqual([]);
    (await manager.borrow("a")).release();
    expect([loaded(), loaders["a"]?.begun]).toEqual([["a"], 2]);
    await manager.close();
    expect(clock.scheduled).toBe(0);
  });
});

it.each([{ maxLoaded: 0 }, { idleMs: -1 }, { maxLoaded: Number.NaN }])("refuses the options %o", (onDemand) => {
  expect(() => createManager({}, { onDemand })).toThrow(RangeError);
});

describe("those who wait", () => {
  it("each get what they wait for where there is room for one only", async () => {
    const { manager, loaders } = zoo(["a", "b", "c"], { onDemand: { maxLoaded: 1 } });
    const visits = ["a", "b", "c", "a"].map((name) => manager.use(name, () => name));
    expect(await Promise.all(visits)).toEqual(["a", "b", "c", "a"]);
    expect(loaders.b?.begun).toBe(1);
  });

  it("for a version that is taken off the list get the one that is meant now", async () => {
    const { manager, want } = stage({ onDemand: {} });
    const [first, second] = [gatedLoader(), gatedLoader({ open: true })];
    want(one(first));
    const borrowed = manager.borrow("m");
    await turn();
    want(two(second));
    expect((await borrowed).id.version).toBe(2);
    want(one(first), two(second));
    const exact = manager.borrow("m", { version: 1 });
    await turn();
    want(two(second));
    await expect(exact).rejects.toMatchObject({ code: "NOT_AVAILABLE" });
  });
});

describe("a wanted version that is not in use", () => {
  it("stays eligible however many others have come and gone", async () => {
    const { manager, want, clock } = stage({ onDemand: { idleMs: 1_000 }, unloadConcurrency: 100 });
    const loader = gatedLoader({ open: true });
    for (let version = 2; version < 30; version++) {
      want(one(loader), { version, data: loader });
      (await manager.borrow("m", { version })).release();
    }
    (await manager.borrow("m", { version: 1 })).release();
    want(one(loader));
    clock.advance(1_000);
    await turn();
    expect(stateOf(manager, 1)).toBe("START");
    expect((await manager.borrow("m")).id.version).toBe(1);
  });

  it("is loaded for who waits, though the same list comes again while it is being unloaded", async () => {
    const { manager, want, clock } = stage({ onDemand: { idleMs: 1_000 } });
    const loader = gatedLoader({ open: true });
    want(one(loader));
    (await manager.borrow("m")).release();
    const letGo = loader.holdReleases();
    clock.advance(1_000);
    const waiting = manager.borrow("m");
    want(one(loader));
    letGo();
    expect((await waiting).id.version).toBe(1);
  });
});

describe("other bytes of a version", () => {
  it("are loaded for who waits for the bytes that they replace", async () => {
    const { manager, want } = stage({ onDemand: {} });
    const [old, other] = [gatedLoader(), gatedLoader({ open: true })];
    want(one(old, "x"));
    const waiting = manager.borrow("m");
    await turn();
    want(one(other, "y"));
    expect((await waiting).servable).toEqual({ id: { name: "m", version: 1 }, released: false });
    expect([old.loaded, other.loaded]).toEqual([0, 1]);
  });

  it("are loaded beside what is in use, and swapped in", async () => {
    const { manager, want } = stage({ onDemand: {} });
    const [old, other] = [gatedLoader({ open: true }), gatedLoader()];
    want(one(old, "x"));
    (await manager.borrow("m")).release();
    want(one(other, "y"));
    await turn();
    expect([other.begun, old.released]).toEqual([1, 0]);
    manager.acquire("m").release();
    other.pending[0]?.succeed();
    await turn();
    expect([other.loaded, old.released]).toEqual([1, 1]);
    manager.acquire("m").release();
  });

  it("wait for the next borrow where those before them had failed", async () => {
    const { manager, want } = stage({ onDemand: {}, retry: { attempts: 0 } });
    const [bad, good] = [gatedLoader(), gatedLoader({ open: true })];
    want(one(bad, "x"));
    const failed = expect(manager.borrow("m")).rejects.toThrow("no room");
    await turn();
    bad.pending[0]?.fail(new Error("no room"));
    await failed;
    want(one(good, "y"));
    await turn();
    expect(good.begun).toBe(0);
    expect((await manager.borrow("m")).id.version).toBe(1);
  });
});
