import { type Observable, of, Subject, throwError } from "rxjs";
import { describe, expect, it, vi } from "vitest";
import { ServingError } from "../errors.js";
import type { Loader } from "../loader.js";
import type { AspiredVersions } from "../source/source.js";
import { type GatedServable, gatedLoader } from "../testing/gated-loader.js";
import { one, stage, stateOf, succeed, turn, two } from "../testing/stage.js";
import { createManager } from "./create-manager.js";

describe("a manager", () => {
  it("loads what a source wants and lends it", async () => {
    const { manager, want, events } = stage();
    const loader = gatedLoader();
    want(one(loader));
    expect(() => manager.acquire("m")).toThrow("m has no available version: version 1 loads, attempt 1 of 6");
    await succeed(loader);
    using handle = manager.acquire("m");
    expect(handle.id).toEqual({ name: "m", version: 1 });
    expect(handle.servable.released).toBe(false);
    expect(events).toEqual(["1 version-started", "1 version-loading", "1 version-available"]);
  });

  it("can lend a version in the very listener that hears of it, and no more in the one that hears of its end", async () => {
    const { manager, want } = stage();
    const borrowed: boolean[] = [];
    manager.events$.subscribe((event) => {
      if (event.type === "version-available") manager.acquire("m", { version: event.id.version }).release();
      if (event.type === "version-unloading") borrowed.push(manager.acquire("m", { version: 1 }).id.version === 1);
      if (event.type === "version-ended") expect(() => manager.acquire("m", { version: 1 })).toThrow("no version 1");
    });
    want(one(gatedLoader({ open: true })));
    await turn();
    want(two(gatedLoader({ open: true })));
    await turn();
    expect(borrowed).toEqual([true]);
  });

  it("swaps versions without a gap and waits for borrowers", async () => {
    const { manager, want, events } = stage();
    const [old, next] = [gatedLoader({ open: true }), gatedLoader()];
    want(one(old));
    await turn();
    const held = manager.acquire("m");
    want(two(next));
    expect(manager.model("m")?.versions[1]?.reason).toBe(
      "no longer wanted; serves until a wanted version is available",
    );
    await succeed(next);
    expect(manager.acquire("m").id.version).toBe(2);
    expect(() => manager.acquire("m", { version: 1 })).toThrow(
      "m/1 is not available: no longer serves; waits for 1 handle to be released",
    );
    expect(held.servable.released).toBe(false);
    held.release();
    held.release();
    await turn();
    expect(old.released).toBe(1);
    expect(events.slice(-2)).toEqual(["1 version-unloading", "1 version-ended"]);
    expect(() => held.servable).toThrow("the handle of m/1 was released");
  });

  it("replaces a version whose bytes have changed, beside the old one", async () => {
    const { manager, want } = stage();
    const [old, fresh] = [gatedLoader({ open: true }), gatedLoader()];
    want(one(old, "a"));
    await turn();
    want(one(fresh, "b"));
    expect(manager.acquire("m").servable.released).toBe(false);
    await succeed(fresh);
    await turn();
    expect([old.released, fresh.loaded]).toEqual([0, 1]);
    await manager.use("m", (servable) => expect(servable.released).toBe(false));
  });

  it("changes nothing for the same list again", async () => {
    const { want, events } = stage();
    const loader = gatedLoader({ open: true });
    want(one(loader));
    await turn();
    want(one(gatedLoader({ open: true })));
    await turn();
    expect([loader.begun, events.length]).toEqual([1, 3]);
  });

  it("aborts a load that is no longer wanted and releases its late result", async () => {
    const { manager, want, events } = stage();
    const loader = gatedLoader();
    want(one(loader));
    const { signal } = loader.pending[0]?.context ?? {};
    want();
    expect(signal?.aborted).toBe(true);
    expect(stateOf(manager, 1)).toBe("LOADING");
    await succeed(loader);
    expect([loader.loaded, loader.released]).toEqual([1, 1]);
    expect(events).not.toContain("1 version-available");
    expect(manager.model("m")?.versions[0]?.error?.code).toBe("CANCELLED");
  });

  it("does not load the same bytes twice at once", async () => {
    const { manager, want } = stage();
    const [first, second] = [gatedLoader(), gatedLoader()];
    want(one(first));
    want();
    want(one(second));
    expect(second.begun).toBe(0);
    expect(manager.explain("m")).toContain("waits until its previous load has ended");
    first.pending[0]?.fail(new Error("aborted"));
    await turn();
    expect(second.begun).toBe(1);
    await succeed(second);
    expect(stateOf(manager, 1)).toBe("AVAILABLE");
  });
});

describe("a failed load", () => {
  it("is tried again after growing pauses that hold no slot, until attempts run out", async () => {
    const { manager, want, clock, events } = stage({ loadConcurrency: 1, retry: { attempts: 2, delayMs: 100 } });
    const loader = gatedLoader();
    want(one(loader));
    for (const pause of [100, 200]) {
      loader.pending[0]?.fail(new Error("no room"));
      await turn();
      expect(manager.explain("m")).toContain(`the next is due in ${pause} ms: m/1: no room`);
      clock.advance(pause - 1);
      expect(loader.pending).toHaveLength(0);
      clock.advance(1);
      expect(loader.pending).toHaveLength(1);
    }
    loader.pending[0]?.fail(new Error("no room"));
    await turn();
    expect(loader.begun).toBe(3);
    expect(clock.scheduled).toBe(0);
    expect(events.at(-1)).toBe("1 version-ended");
    expect(() => manager.acquire("m", { version: 1 })).toThrow("m/1 is not available: failed: m/1: no room");
  });

  it("is not tried again when the error says that this is of no use", async () => {
    const { manager, want, clock } = stage();
    const loader = gatedLoader();
    want(one(loader));
    loader.pending[0]?.fail(new ServingError("DATA_LOSS", "m/1: the checksum is wrong"));
    await turn();
    expect([loader.begun, clock.scheduled]).toEqual([1, 0]);
    await expect(manager.whenAvailable("m")).rejects.toThrow("m cannot become available: m/1: the checksum is wrong");
  });

  it("is tried anew when the bytes change, while the old version serves", async () => {
    const { manager, want } = stage();
    const [good, bad, fixed] = [gatedLoader({ open: true }), gatedLoader(), gatedLoader({ open: true })];
    want(one(good));
    await turn();
    want({ version: 2, revision: "a", data: bad });
    bad.pending[0]?.fail(new ServingError("DATA_LOSS", "cut short"));
    await turn();
    expect(manager.acquire("m").id.version).toBe(1);
    want({ version: 2, revision: "b", data: fixed });
    await turn();
    expect(manager.acquire("m").id.version).toBe(2);
  });

  it("may be a loader that throws at once, or returns what cannot be disposed", async () => {
    const { manager, want } = stage({ retry: { attempts: 0 } });
    want(
      one({
        load: () => {
          throw new Error("at once");
        },
      }),
      two({ load: () => Promise.resolve(undefined as never) }),
    );
    await turn();
    expect(manager.explain("m")).toContain("failed: m/1: at once");
    expect(manager.explain("m")).toContain("failed: m/2: the loader returned nothing that can be disposed");
  });
});

describe("a source", () => {
  it("that names what another has named is told so, and the first stays", async () => {
    const loader = gatedLoader({ open: true });
    const errors: ServingError[] = [];
    const manager = createManager(
      {
        a: of({ name: "m" as const, versions: [one(loader)] }),
        b: of({ name: "m" as const, versions: [two(loader)] }),
      },
      { onError: (error) => errors.push(error) },
    );
    await turn();
    expect(manager.acquire("m").id.version).toBe(1);
    expect(errors.map(String)).toEqual([expect.stringMatching(/m is listed by source "b" and by source "a"/)]);
    expect(manager.snapshot().sources[1]?.error?.code).toBe("ALREADY_EXISTS");
  });

  it("that fails leaves what it asked for loaded, and is reported", async () => {
    const { manager, want, source, errors, events } = stage();
    want(one(gatedLoader({ open: true })));
    await turn();
    source.error(new Error("disk on fire"));
    expect(manager.acquire("m").id.version).toBe(1);
    expect(errors[0]?.message).toBe('source "disk" has failed: disk on fire');
    expect(events.at(-1)).toBe("disk source-failed");
    expect(manager.snapshot()).toMatchObject({ ready: false });
    expect(manager.explain("m")).toContain('come from source "disk"; source "disk" has failed: disk on fire');
  });

  it("may be a promise, an async iterable, or dead on arrival", async () => {
    async function* lists(): AsyncGenerator<AspiredVersions<Loader<GatedServable>, "b">> {
      yield { name: "b", versions: [one(gatedLoader({ open: true }))] };
    }
    const errors: ServingError[] = [];
    const manager = createManager(
      {
        promise: Promise.resolve({ name: "a" as const, versions: [one(gatedLoader({ open: true }))] }),
        iterable: lists(),
        dead: throwError(() => new Error("gone")),
      },
      { onError: (error) => errors.push(error) },
    );
    await Promise.all([manager.whenAvailable("a"), manager.whenAvailable("b")]);
    expect(errors).toHaveLength(1);
  });

  it("may list an error in place of a version, and numbers that are no versions", () => {
    const { manager, want } = stage();
    want({ version: 1, error: new Error("unreadable") }, { version: -2, data: gatedLoader() });
    expect(manager.model("m")).toMatchObject({
      versions: [{ state: "END", reason: "failed: m/1: unreadable" }],
      skipped: [{ entry: "-2", reason: "not a version: a non-negative safe integer" }],
    });
  });

  it("that is none fails alone", async () => {
    const errors: ServingError[] = [];
    const manager = createManager(
      {
        none: undefined as unknown as Observable<never>,
        app: of({ name: "m" as const, versions: [one(gatedLoader({ open: true }))] }),
      },
      { onError: (error) => errors.push(error) },
    );
    await manager.whenAvailable("m");
    expect(errors.map(String)).toEqual([expect.stringMatching(/source "none" has failed: .*undefined/)]);
  });

  it.each([undefined, { name: "m" }, { name: 5, versions: [] }])(
    "that gives %j in place of a list is told so",
    (list) => {
      const { manager, want, source, errors, events } = stage();
      want(one(gatedLoader()));
      source.next(list as never);
      source.next(list as never);
      expect(errors.map(({ code }) => code)).toEqual(["INVALID_ARGUMENT"]);
      expect(events.at(-1)).toBe("disk list-refused");
      expect(stateOf(manager, 1)).toBe("LOADING");
    },
  );

  it("may list versions without a loader, twice, or none: what is listed last counts, the others are loaded", async () => {
    const { manager, source } = stage();
    const versions = [null, one(gatedLoader()), { version: 1, data: "/models/m/1" }, two(gatedLoader({ open: true }))];
    source.next({ name: "m", versions } as never);
    await turn();
    expect(manager.model("m")).toMatchObject({
      versions: [
        { id: { version: 2 }, state: "AVAILABLE" },
        { id: { version: 1 }, reason: "failed: m/1: its source gives no loader; pipe the source through loadWith()" },
      ],
      skipped: [{ entry: "undefined" }],
    });
  });
});

it("goes on when the listener for errors throws, and throws that in a task of its own", async () => {
  vi.useFakeTimers();
  try {
    const source = new Subject<AspiredVersions<Loader<GatedServable>, "m">>();
    const onError = (): void => {
      throw new Error("the listener is broken");
    };
    const manager = createManager({ app: source, dead: throwError(() => new Error("gone")) }, { onError });
    source.next({ name: "m", versions: [one(gatedLoader({ open: true }))] });
    expect(() => vi.runAllTimers()).toThrow("the listener is broken");
    await manager.whenAvailable("m");
  } finally {
    vi.useRealTimers();
  }
});
