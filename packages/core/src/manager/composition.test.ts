import { Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import type { Dependency, Loader } from "../loader.js";
import type { AspiredVersions } from "../source/source.js";
import { type GatedLoader, type GatedServable, gatedLoader } from "../testing/gated-loader.js";
import { manualClock } from "../testing/manual-clock.js";
import { turn } from "../testing/stage.js";
import { createManager } from "./create-manager.js";
import type { Manager } from "./manager.js";
import type { ManagerOptions } from "./options.js";

type Names = "encoder" | "ranker" | "search";
type List = AspiredVersions<Loader<GatedServable>, Names>;

interface World {
  readonly manager: Manager<Record<Names, GatedServable>>;
  readonly log: string[];
  /** Lists versions of a name; a name without versions has none. */
  want(name: Names, versions?: Readonly<Record<number, Loader<GatedServable>>>): Promise<void>;
}

function world(options: ManagerOptions = {}): World {
  const source = new Subject<List>();
  const manager = createManager({ all: source }, { clock: manualClock(), random: () => 0, ...options });
  const log: string[] = [];
  manager.events$.subscribe((event) => {
    if ("id" in event) log.push(`${event.id.name}/${event.id.version} ${event.type}`);
  });
  return {
    manager,
    log,
    async want(name, versions = {}) {
      const listed = Object.entries(versions).map(([version, data]) => ({ version: Number(version), data }));
      source.next({ name, versions: listed });
      await turn();
    },
  };
}

function calls(...dependencies: readonly Dependency[]): GatedLoader {
  return Object.assign(openLoader(), { dependencies });
}
const openLoader = (): GatedLoader => gatedLoader({ open: true });

const search = { name: "search" } as const;
const state = ({ manager }: World, name: Names, version = 1): string | undefined =>
  manager.model(name)?.versions.find(({ id }) => id.version === version)?.state;

describe("a version that calls others", () => {
  it("is loaded once they are available, and says until then whom it waits for", async () => {
    const here = world();
    await here.want("search", { 1: calls({ name: "encoder" }, { name: "ranker", version: 2 }) });
    expect(here.manager.explain("search")).toContain("waits for encoder, ranker/2, which it calls");
    await here.want("encoder", { 1: openLoader() });
    await here.want("ranker", { 1: openLoader() });
    expect(state(here, "search")).toBe("START");
    expect(here.manager.explain("search")).toContain("waits for ranker/2, which it calls");
    await here.want("ranker", { 1: openLoader(), 2: openLoader() });
    expect(state(here, "search")).toBe("AVAILABLE");
  });

  it("holds no load slot while it waits", async () => {
    const here = world({ loadConcurrency: 1 });
    await here.want("search", { 1: calls({ name: "encoder" }) });
    await here.want("encoder", { 1: openLoader() });
    expect(state(here, "search")).toBe("AVAILABLE");
  });

  it("borrows what it has named, and nothing else", async () => {
    const here = world();
    const loader = Object.assign(gatedLoader(), { dependencies: [{ name: "encoder", label: "stable" }] });
    here.manager.setLabel("encoder", "stable", 1);
    await here.want("encoder", { 1: openLoader() });
    await here.want("search", { 1: loader });
    const servables = loader.pending[0]?.context.servables;
    expect(servables?.acquire({ name: "encoder", label: "stable" }).id).toEqual({ name: "encoder", version: 1 });
    expect(() => servables?.acquire({ name: "encoder" })).toThrow(
      "search/1 calls encoder, which its loader does not name in `dependencies`",
    );
  });

  it("stays while its parts are swapped", async () => {
    const here = world();
    await here.want("encoder", { 1: openLoader() });
    await here.want("search", { 1: calls({ name: "encoder" }) });
    await here.want("encoder", { 2: openLoader() });
    expect(state(here, "encoder", 1)).toBe("END");
    expect(here.log.filter((line) => line === "search/1 version-unloading")).toEqual([]);
  });

  it("is unloaded before the last version that it can call, and comes back with the next", async () => {
    const here = world();
    await here.want("encoder", { 1: openLoader() });
    await here.want("search", { 1: calls({ name: "encoder" }) });
    const held = here.manager.acquire("search");
    await here.want("encoder");
    expect(state(here, "search")).toBe("UNLOADING");
    expect(here.manager.explain("encoder")).toContain("serves until search, which calls it, has ended");
    held.release();
    await turn();
    expect(here.log.indexOf("search/1 version-ended")).toBeLessThan(here.log.indexOf("encoder/1 version-unloading"));
    expect(state(here, "encoder")).toBe("END");
    expect(state(here, "search")).toBe("START");
    await here.want("encoder", { 2: openLoader() });
    expect(state(here, "search")).toBe("AVAILABLE");
  });

  it("keeps its parts when they are wanted again before it has ended", async () => {
    const here = world();
    const encoder = openLoader();
    await here.want("encoder", { 1: encoder });
    await here.want("search", { 1: calls({ name: "encoder" }) });
    const held = here.manager.acquire("search");
    await here.want("encoder");
    await here.want("encoder", { 1: encoder });
    held.release();
    await turn();
    expect(state(here, "search")).toBe("AVAILABLE");
    expect(encoder.loaded).toBe(1);
  });

  it("gives a load up whose part goes away", async () => {
    const here = world();
    const loader = Object.assign(gatedLoader(), { dependencies: [{ name: "encoder" }] });
    await here.want("encoder", { 1: openLoader() });
    await here.want("search", { 1: loader });
    await here.want("encoder");
    expect(loader.pending[0]?.context.signal.aborted).toBe(true);
    expect(state(here, "encoder")).toBe("AVAILABLE");
    loader.pending[0]?.succeed();
    await turn();
    expect(loader.released).toBe(1);
    expect(state(here, "encoder")).toBe("END");
    expect(here.manager.explain("search")).toContain("waits for encoder, which it calls");
  });

  it("follows the label that it names", async () => {
    const here = world();
    await here.want("encoder", { 1: openLoader(), 2: openLoader() });
    await here.want("search", { 1: calls({ name: "encoder", label: "stable" }) });
    expect(state(here, "search")).toBe("START");
    here.manager.setLabel("encoder", "stable", 2);
    await turn();
    expect(state(here, "search")).toBe("AVAILABLE");
    here.manager.removeLabel("encoder", "stable");
    await turn();
    expect(state(here, "search")).toBe("START");
  });

  it("does not keep the other versions of its part from coming and going", async () => {
    const here = world();
    await here.want("encoder", { 1: openLoader() });
    await here.want("search", { 1: calls({ name: "encoder", version: 1 }) });
    const held = here.manager.acquire("search");
    await here.want("encoder", { 2: openLoader() });
    await here.want("encoder", { 3: openLoader() });
    const states = [1, 2, 3].map((version) => state(here, "encoder", version));
    expect(states).toEqual(["AVAILABLE", "END", "AVAILABLE"]);
    held.release();
    await turn();
    expect(state(here, "encoder")).toBe("END");
  });

  it("is closed before its parts", async () => {
    const here = world();
    await here.want("encoder", { 1: openLoader() });
    await here.want("ranker", { 1: calls({ name: "encoder" }) });
    await here.want("search", { 1: calls({ name: "ranker" }) });
    await here.manager.close();
    const ended = here.log.filter((line) => line.endsWith("version-ended"));
    expect(ended).toEqual(["search/1 version-ended", "ranker/1 version-ended", "encoder/1 version-ended"]);
  });
});

describe("a cycle of calls", () => {
  it("is refused where it closes, and those that were there stay", async () => {
    const here = world();
    await here.want("encoder", { 1: openLoader() });
    await here.want("ranker", { 1: calls({ name: "encoder" }) });
    await here.want("encoder", { 1: openLoader(), 2: calls({ name: "ranker" }) });
    expect(here.manager.model("encoder")?.versions[0]?.error).toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringContaining("encoder would call itself: encoder calls ranker calls encoder"),
    });
    expect(state(here, "ranker")).toBe("AVAILABLE");
    await here.manager.close();
  });

  it("of one name is refused", async () => {
    const here = world();
    await here.want("search", { 1: openLoader(), 2: calls({ name: "search", version: 1 }) });
    expect(here.manager.model("search")?.versions[0]?.error?.message).toContain("search calls search");
  });

  it("is refused for the last of those that wait for each other", async () => {
    const here = world();
    await here.want("search", { 1: calls({ name: "ranker" }) });
    await here.want("ranker", { 1: calls({ name: "search" }) });
    expect(state(here, "ranker")).toBe("END");
    expect(here.manager.explain("search")).toContain("waits for ranker, which it calls");
  });
});

describe("on demand", () => {
  it("a version that calls others asks for them, and they stay while it does", async () => {
    const here = world({ onDemand: { idleMs: 1_000 } });
    const encoder = openLoader();
    await here.want("encoder", { 1: encoder });
    await here.want("search", { 1: calls({ name: "encoder" }) });
    expect(encoder.begun).toBe(0);
    const handle = await here.manager.borrow("search");
    expect(handle.id).toEqual({ ...search, version: 1 });
    expect(state(here, "encoder")).toBe("AVAILABLE");
  });

  it("idle versions end before those that they call", async () => {
    const clock = manualClock();
    const here = world({ clock, onDemand: { idleMs: 1_000 } });
    await here.want("encoder", { 1: openLoader() });
    await here.want("search", { 1: calls({ name: "encoder" }) });
    (await here.manager.borrow("search")).release();
    for (let step = 0; step < 4; step++) {
      clock.advance(1_000);
      await turn();
    }
    const ended = here.log.filter((line) => line.endsWith("version-ended"));
    expect(ended).toEqual(["search/1 version-ended", "encoder/1 version-ended"]);
  });

  it("fails with the part that fails, and asks for it again", async () => {
    const here = world({ onDemand: {}, retry: { attempts: 0 } });
    const encoder = gatedLoader();
    await here.want("encoder", { 1: encoder });
    await here.want("search", { 1: calls({ name: "encoder" }) });
    const first = here.manager.borrow("search");
    await turn();
    encoder.pending[0]?.fail(new Error("no disk"));
    await expect(first).rejects.toThrow(/search calls encoder, which cannot be loaded: .*no disk/);
    const second = here.manager.borrow("search");
    await turn();
    encoder.pending[0]?.succeed();
    expect((await second).id.name).toBe("search");
  });

  it("asks again for a part that was not listed for a while", async () => {
    const here = world({ onDemand: {} });
    const slow = gatedLoader();
    await here.want("encoder", { 1: openLoader() });
    await here.want("ranker", { 1: slow });
    await here.want("search", { 1: calls({ name: "encoder" }, { name: "ranker" }) });
    const waiting = here.manager.borrow("search");
    await here.want("encoder");
    await here.want("encoder", { 1: openLoader() });
    slow.pending[0]?.succeed();
    expect((await waiting).id.name).toBe("search");
  });

  it("leaves the line for room while a part is away", async () => {
    const here = world({ onDemand: { maxLoaded: 2 } });
    await here.want("encoder", { 1: openLoader() });
    await here.want("ranker", { 1: openLoader() });
    await here.want("search", { 1: calls({ name: "encoder" }) });
    const held = await here.manager.borrow("ranker");
    const waiting = here.manager.borrow("search");
    await here.want("encoder");
    expect(here.manager.explain("search")).toContain("waits for encoder, which it calls");
    held.release();
    await turn();
    expect([state(here, "search"), state(here, "ranker")]).toEqual(["START", "AVAILABLE"]);
    await here.want("encoder", { 2: openLoader() });
    expect((await waiting).id.name).toBe("search");
  });

  it("gives way where two keep each other's room, and gets its turn after a pause", async () => {
    const clock = manualClock();
    const here = world({ clock, onDemand: { maxLoaded: 2 } });
    await here.want("encoder", { 1: openLoader(), 2: openLoader() });
    await here.want("search", { 1: calls({ name: "encoder", version: 1 }) });
    await here.want("ranker", { 1: calls({ name: "encoder", version: 2 }) });
    const visits = [here.manager.use("search", () => "search"), here.manager.use("ranker", () => "ranker")];
    await turn();
    expect(await visits[0]).toBe("search");
    expect(here.manager.explain("ranker")).toContain("all that is loaded is called by others that wait");
    clock.advance(1_000);
    expect(await visits[1]).toBe("ranker");
  });

  it("fails for good where there is no room for it and its parts", async () => {
    const here = world({ onDemand: { maxLoaded: 1 } });
    await here.want("encoder", { 1: openLoader() });
    await here.want("search", { 1: calls({ name: "encoder" }) });
    await expect(here.manager.borrow("search")).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
    expect((await here.manager.borrow("encoder")).id.name).toBe("encoder");
  });
});
