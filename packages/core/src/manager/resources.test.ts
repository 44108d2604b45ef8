import { Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import type { LoadContext, Loader, ResourceEstimate } from "../loader.js";
import { resourcePreserving } from "../policy/resource-preserving.js";
import type { AspiredVersions } from "../source/source.js";
import { type GatedLoader, type GatedServable, gatedLoader } from "../testing/gated-loader.js";
import { one, stage, stateOf, turn, two } from "../testing/stage.js";
import { createManager } from "./create-manager.js";
import { ResourceLedger } from "./resource-ledger.js";

/** A loader that says what it needs. */
function needing(
  gated: GatedLoader,
  needs: ResourceEstimate | (() => ResourceEstimate | Promise<ResourceEstimate>),
): Loader<GatedServable> {
  return {
    estimateResources: typeof needs === "function" ? needs : () => needs,
    load: (context: LoadContext) => gated.load(context),
  };
}

describe("limits", () => {
  it("let a load wait until an unload has made room, and say so", async () => {
    const { manager, want } = stage({ limits: { memoryBytes: 8e9 }, policy: resourcePreserving() });
    const [first, second] = [gatedLoader(), gatedLoader()];
    want(one(needing(first, { memoryBytes: 5e9 })));
    await turn();
    first.pending[0]?.succeed();
    await turn();
    const handle = manager.acquire("m");
    want(two(needing(second, { memoryBytes: 5e9 })));
    await turn();
    expect(second.pending).toHaveLength(0);
    handle.release();
    await turn();
    expect(second.pending).toHaveLength(1);
  });

  it("hold back a load beside the one that serves, with the reason, under availability preservation", async () => {
    const { manager, want } = stage({ limits: { memoryBytes: 8e9 } });
    const [first, second] = [gatedLoader({ open: true }), gatedLoader()];
    want(one(needing(first, { memoryBytes: 5e9 })));
    await turn();
    want(two(needing(second, { memoryBytes: 5e9 })));
    await turn();
    expect(manager.explain("m")).toContain("needs 5.0 GB of memory, 3.0 GB of 8.0 GB are free");
    expect(manager.acquire("m").id.version).toBe(1);
    expect(second.pending).toHaveLength(0);
  });

  it("fail a load that can never fit, at once and for good", async () => {
    const { manager, want, events } = stage({ limits: { memoryBytes: 8e9, devices: { "gpu:0": 1e9 } } });
    const loader = gatedLoader();
    want(one(needing(loader, { memoryBytes: 1e9, devices: { "gpu:0": 2e9 } })));
    await turn();
    expect(events.at(-1)).toBe("1 version-ended");
    expect(manager.model("m")?.versions[0]?.error).toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      message:
        "m/1 needs 2.0 GB of gpu:0, the limit of the manager is 1.0 GB; raise the limit, or serve a smaller model",
    });
    expect(loader.pending).toHaveLength(0);
  });

  it("count what a version really takes once it is loaded, and give it back when it is unloaded", async () => {
    const { manager, want } = stage({ limits: { memoryBytes: 10 } });
    const loads: string[] = [];
    const greedy = (name: string, estimated: number, actual: number): Loader<GatedServable> => ({
      estimateResources: () => ({ memoryBytes: estimated }),
      load: async (context) => {
        loads.push(name);
        return { ...(await gatedLoader({ open: true }).load(context)), resources: { memoryBytes: actual } };
      },
    });
    want({ version: 1, revision: "a", data: greedy("one", 2, 9) });
    await turn();
    expect(manager.model("m")?.versions[0]?.resources).toEqual({ memoryBytes: 9 });
    want(
      { version: 1, revision: "a", data: greedy("one", 2, 9) },
      { version: 2, revision: "a", data: greedy("two", 2, 2) },
    );
    await turn();
    expect(loads).toEqual(["one"]);
    want();
    await turn();
    want({ version: 3, revision: "a", data: greedy("three", 10, 10) });
    await turn();
    expect(loads).toEqual(["one", "three"]);
  });

  it("give back what a failed or cancelled load had reserved", async () => {
    const { want } = stage({ limits: { memoryBytes: 10 }, retry: { attempts: 0 } });
    const [failing, cancelled, last] = [gatedLoader(), gatedLoader(), gatedLoader()];
    want(one(needing(failing, { memoryBytes: 10 })));
    await turn();
    failing.pending[0]?.fail(new Error("no"));
    await turn();
    want(two(needing(cancelled, { memoryBytes: 10 })));
    await turn();
    expect(cancelled.pending).toHaveLength(1);
    want({ version: 3, revision: "a", data: needing(last, { memoryBytes: 10 }) });
    cancelled.pending[0]?.succeed();
    await turn();
    expect(last.pending).toHaveLength(1);
  });

  it("let small loads of other names go before one that does not fit", async () => {
    const sources = {
      a: new Subject<AspiredVersions<Loader<GatedServable>>>(),
      b: new Subject<AspiredVersions<Loader<GatedServable>>>(),
    };
    const manager = createManager(sources, { limits: { memoryBytes: 10 }, loadConcurrency: 1 });
    const [held, large, small] = [gatedLoader({ open: true }), gatedLoader(), gatedLoader()];
    sources.a.next({ name: "a", versions: [{ version: 1, data: needing(held, { memoryBytes: 6 }) }] });
    await turn();
    sources.a.next({
      name: "a",
      versions: [
        { version: 1, data: needing(held, { memoryBytes: 6 }) },
        { version: 2, data: needing(large, { memoryBytes: 6 }) },
      ],
    });
    sources.b.next({ name: "b", versions: [{ version: 1, data: needing(small, { memoryBytes: 4 }) }] });
    await turn();
    expect([large.pending.length, small.pending.length]).toEqual([0, 1]);
    expect(manager.explain("a")).toContain("needs 6 bytes of memory, 0 bytes of 10 bytes are free");
  });
});

describe("an estimate", () => {
  it("is waited for, and dropped when the version is not wanted any more", async () => {
    const { manager, want } = stage();
    let settle: (needs: ResourceEstimate) => void = () => {};
    const loader = gatedLoader();
    want(one(needing(loader, () => new Promise((resolve) => (settle = resolve)))));
    expect(manager.explain("m")).toContain("estimates what it needs");
    want();
    settle({ memoryBytes: 1 });
    await turn();
    expect(loader.pending).toHaveLength(0);
    expect(stateOf(manager, 1)).toBe("END");
  });

  it.each<[string, ResourceEstimate]>([
    ["memory", { memoryBytes: Number.NaN }],
    ["memory", { memoryBytes: -1 }],
    ["gpu:0", { devices: { "gpu:0": Number.POSITIVE_INFINITY } }],
  ])("that is no number of bytes of %s fails the load, and spoils nobody's account", async (resource, needs) => {
    const { manager, want } = stage({ limits: { memoryBytes: 10 } });
    const [estimated, weighed] = [gatedLoader({ open: true }), gatedLoader({ open: true })];
    const lying: Loader<GatedServable> = {
      load: async (context) => Object.assign(await weighed.load(context), { resources: needs }),
    };
    want(one(needing(estimated, needs)), two(lying));
    await turn();
    for (const version of [1, 2]) {
      expect(manager.model("m")?.versions.find(({ id }) => id.version === version)?.error).toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining(`of ${resource}, which is no number of bytes`),
      });
    }
    expect([estimated.begun, weighed.released]).toEqual([0, 1]);
    want({ version: 3, data: needing(estimated, { memoryBytes: 10 }) });
    await turn();
    expect(stateOf(manager, 3)).toBe("AVAILABLE");
  });

  it.each([
    ["throws", () => Promise.reject(new Error("no index"))],
    [
      "throws at once",
      () => {
        throw new Error("no index");
      },
    ],
  ])("that %s is a failed load, which is tried again", async (_title, estimate) => {
    const { manager, want, events, clock } = stage();
    const loader = gatedLoader();
    want(one(needing(loader, estimate)));
    await turn();
    expect(events.at(-1)).toBe("1 load-failed");
    expect(manager.explain("m")).toContain("m/1: no index");
    clock.advance(1_000);
    await turn();
    expect(events.filter((event) => event === "1 load-failed")).toHaveLength(2);
    expect(loader.pending).toHaveLength(0);
  });
});

describe("unloading", () => {
  it("goes on a few at a time", async () => {
    const { manager, want } = stage({ unloadConcurrency: 1 });
    const loaders = [1, 2, 3].map(() => gatedLoader({ open: true }));
    const gates = loaders.map((loader) => loader.holdReleases());
    want(...loaders.map((data, index) => ({ version: index + 1, revision: "a", data })));
    await turn();
    const servables = [1, 2, 3].map((version) => {
      using handle = manager.acquire("m", { version });
      return handle.servable;
    });
    const begun = (): number => servables.filter(({ released }) => released).length;
    want();
    await turn();
    expect(begun()).toBe(1);
    for (const gate of gates) gate();
    await turn();
    expect([begun(), ...loaders.map(({ released }) => released)]).toEqual([3, 1, 1, 1]);
  });

  it("tells of handles that are held for too long, and where they were taken", async () => {
    const { manager, want, clock } = stage({ drainWarningMs: 500, traceHandles: true });
    const told: unknown[] = [];
    manager.events$.subscribe((event) => event.type === "drain-overdue" && told.push(event));
    want(one(gatedLoader({ open: true })));
    await turn();
    const [kept, returned] = [manager.acquire("m"), manager.acquire("m")];
    want();
    returned.release();
    clock.advance(499);
    await turn();
    expect(told).toEqual([]);
    clock.advance(1);
    await turn();
    expect(told).toMatchObject([
      { id: { name: "m", version: 1 }, handles: 1, takenAt: [expect.stringContaining("resources.test.ts")] },
    ]);
    kept.release();
    await turn();
    expect(stateOf(manager, 1)).toBe("END");
  });

  it("says nothing of handles that come back in time", async () => {
    const { manager, want, clock, events } = stage({ drainWarningMs: 500 });
    want(one(gatedLoader({ open: true })));
    await turn();
    const handle = manager.acquire("m");
    want();
    handle.release();
    await turn();
    clock.advance(10_000);
    expect(events).not.toContain("1 drain-overdue");
    expect(clock.scheduled).toBe(0);
  });
});

describe("the ledger", () => {
  it("counts what has no limit and refuses none of it", () => {
    const ledger = new ResourceLedger({}, () => {});
    const reservation = ledger.take({ memoryBytes: 1e18 });
    expect(ledger.missing({ memoryBytes: 1e18 })).toBeUndefined();
    expect(ledger.taken).toEqual({ memory: 1e18 });
    reservation.release();
    reservation.release();
    reservation.adjust({ memoryBytes: 5 });
    expect(ledger.taken).toEqual({});
  });

  it.each([{ memoryBytes: 0 }, { memoryBytes: -1 }, { devices: { "gpu:0": Number.NaN } }])(
    "refuses the limit %o",
    (limits) => {
      expect(() => new ResourceLedger(limits, () => {})).toThrow(RangeError);
      expect(() => createManager({}, { limits })).toThrow(RangeError);
    },
  );
});
