import { lastValueFrom, throwError, toArray } from "rxjs";
import { describe, expect, it, vi } from "vitest";
import type { LoadContext } from "../loader.js";
import { gatedLoader } from "../testing/gated-loader.js";
import { line, one, stage, succeed, turn, two } from "../testing/stage.js";
import { createManager } from "./create-manager.js";
import type { Manager } from "./manager.js";

describe("whenAvailable", () => {
  it("waits for names that are not known yet, and for single versions", async () => {
    const { manager, want } = stage();
    const loader = gatedLoader({ open: true });
    const any = manager.whenAvailable("m");
    const second = manager.whenAvailable("m", { version: 2 });
    want(one(loader));
    await expect(any).resolves.toEqual({ name: "m", version: 1 });
    want(one(loader), two(loader));
    await expect(second).resolves.toEqual({ name: "m", version: 2 });
  });

  it("is ended by its signal, by the end of all sources, and by close", async () => {
    const { manager, source } = stage();
    const abort = new AbortController();
    const aborted = manager.whenAvailable("m", { signal: abort.signal });
    abort.abort();
    await expect(aborted).rejects.toMatchObject({ code: "CANCELLED" });
    await expect(manager.whenAvailable("m", { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "CANCELLED",
    });
    const hopeless = manager.whenAvailable("m");
    source.complete();
    await expect(hopeless).rejects.toMatchObject({ code: "NOT_FOUND" });
    const other = stage();
    const closed = other.manager.whenAvailable("m");
    await Promise.all([expect(closed).rejects.toMatchObject({ code: "NOT_AVAILABLE" }), other.manager.close()]);
  });

  it("is ended for a version that its source will not list any more, and not for a label, which may move", async () => {
    const { manager, want, source } = stage();
    want(one(gatedLoader({ open: true })));
    await turn();
    const nine = manager.whenAvailable("m", { version: 9 });
    manager.setLabel("m", "next", 9);
    const next = manager.whenAvailable("m", { label: "next" });
    source.complete();
    await expect(nine).rejects.toMatchObject({ code: "NOT_FOUND", message: "m has no version 9; available: 1" });
    await expect(manager.whenAvailable("m", { version: 9 })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(manager.whenAvailable("m", { version: 1 })).resolves.toMatchObject({ version: 1 });
    manager.setLabel("m", "next", 1);
    await expect(next).resolves.toMatchObject({ version: 1 });
  });
});

describe("close", () => {
  it("drains, unloads, completes the streams, and is the same promise ever after", async () => {
    const { manager, want } = stage();
    const loader = gatedLoader({ open: true });
    want(one(loader));
    await turn();
    const events = lastValueFrom(manager.events$.pipe(toArray()));
    const held = manager.acquire("m");
    const closing = manager.close();
    await turn();
    expect(loader.released).toBe(0);
    held.release();
    await closing;
    expect(loader.released).toBe(1);
    expect((await events).map(line)).toEqual(["1 version-unloading", "1 version-ended"]);
    expect(manager.close()).toBe(closing);
    expect(() => manager.acquire("m")).toThrow("m is not available: the manager is closed");
    expect(manager.snapshot().ready).toBe(false);
  });

  it("names what is held when its time is over, and never pulls it away", async () => {
    const { manager, want, clock } = stage();
    const [loader, stuck] = [gatedLoader({ open: true }), gatedLoader()];
    want(one(loader), two(stuck));
    await turn();
    const held = manager.acquire("m");
    const closing = expect(manager.close({ timeoutMs: 50 })).rejects.toThrow(
      "the manager could not close within 50 ms: m/2 (no longer wanted; waits for its load to stop), " +
        "m/1 (no longer serves; waits for 1 handle to be released)",
    );
    await turn();
    clock.advance(50);
    await closing;
    expect(held.servable.released).toBe(false);
    held.release();
    await turn();
    expect(loader.released).toBe(1);
  });

  it("cannot be told to wait for no number of milliseconds", async () => {
    const { manager, want } = stage();
    want(one(gatedLoader({ open: true })));
    await turn();
    expect(() => manager.close({ timeoutMs: Number.NaN })).toThrow(RangeError);
    manager.acquire("m").release();
    await manager.close({ timeoutMs: Number.POSITIVE_INFINITY });
  });

  it("of a manager without models is immediate", async () => {
    const manager = createManager({});
    await manager.close();
    expect(manager.snapshot()).toMatchObject({ ready: false, waitingFor: ["the manager is closed"] });
  });
});

it("states$ tells the present first and follows every change", async () => {
  const { manager, want } = stage();
  const seen: (string | undefined)[] = [];
  const subscription = manager.states$.subscribe(({ models }) => seen.push(models[0]?.versions[0]?.state));
  const loader = gatedLoader();
  want(one(loader));
  await succeed(loader);
  subscription.unsubscribe();
  want();
  expect(seen[0]).toBe(undefined);
  expect(seen).toContain("LOADING");
  expect(seen.at(-1)).toBe("AVAILABLE");
});

it("states$ makes one picture for all, and shows changes in their order though one subscriber makes another", async () => {
  const { manager, want } = stage();
  const [first, second]: [unknown[], unknown[]] = [[], []];
  manager.states$.subscribe((state) => {
    first.push(state);
    if (state.models[0]?.versions[0]?.state === "AVAILABLE") manager.setLabel("m", "stable", 1);
  });
  manager.states$.subscribe((state) => second.push(state));
  want(one(gatedLoader({ open: true })));
  await turn();
  expect(second.at(-1)).toMatchObject({ models: [{ labels: { stable: 1 } }] });
  expect(second.every((state, index) => state === first[index])).toBe(true);
  expect(second).toHaveLength(first.length);
  const late: unknown[] = [];
  manager.states$.subscribe((state) => late.push(state)).unsubscribe();
  expect(late).toEqual([second.at(-1)]);
});

it("is ready when every source has spoken and every name is available", async () => {
  const { manager, want } = stage();
  expect(manager.snapshot()).toMatchObject({
    ready: false,
    waitingFor: ['source "disk" has not listed any versions yet'],
  });
  expect(() => manager.acquire("m")).toThrow('m is not known yet: source "disk" has not listed its versions');
  want();
  expect(manager.snapshot().waitingFor).toEqual(["m has no available version: its source wants no version"]);
  want(one(gatedLoader({ open: true })));
  await turn();
  expect(manager.snapshot()).toMatchObject({ ready: true, waitingFor: [] });
  expect(() => (manager as Manager).acquire("n")).toThrow("no model is named n; there is m");
});

it("reports a policy that throws or asks for the impossible, and goes on", async () => {
  for (const policy of [
    () => {
      throw new Error("oops");
    },
    () => ({ type: "unload" as const, incarnation: 99 }),
  ]) {
    const { want, errors } = stage({ policy });
    want(one(gatedLoader()));
    expect(errors).toHaveLength(1);
  }
});

it("an error that nobody listens to is thrown in a task of its own", () => {
  vi.useFakeTimers();
  try {
    createManager({ dead: throwError(() => new Error("gone")) });
    expect(() => vi.runAllTimers()).toThrow('source "dead" has failed: gone');
  } finally {
    vi.useRealTimers();
  }
});

it("tells of progress while a load runs", async () => {
  const { manager, want, events } = stage();
  const loader = gatedLoader();
  want(one(loader));
  const { context } = loader.pending[0] ?? {};
  context?.report({ stage: "download", done: 1, total: 4, unit: "bytes" });
  expect(manager.explain("m")).toContain("loads, attempt 1 of 6: download 1 of 4 bytes");
  await succeed(loader);
  context?.report({ stage: "late" });
  expect(events.filter((event) => event.endsWith("load-progressed"))).toHaveLength(1);
});

it("explains what failed before, and what the loader says of what it has loaded", async () => {
  const { manager, want, clock } = stage({ loadConcurrency: 1 });
  const [loader, other] = [gatedLoader(), gatedLoader()];
  const said: Record<string, unknown> = { engine: "portable", ops: ["Add"], count: 1n, odd: { count: 1n } };
  const telling = {
    load: async (context: LoadContext) => Object.assign(await loader.load(context), { describe: () => said }),
  };
  want({ version: 2, data: telling, revision: "a" }, one(other));
  loader.pending[0]?.fail(new Error("no room"));
  await turn();
  clock.advance(1_000);
  expect(manager.explain("m")).toContain("waits for one of 1 load slots; before it failed: m/2: no room");
  other.pending[0]?.succeed();
  await turn();
  expect(manager.explain("m")).toContain("loads, attempt 2 of 6; before it failed: m/2: no room");
  await succeed(loader);
  expect(manager.explain("m")).toMatch(
    /serves\n {4}its loader says: engine portable, ops \["Add"\], count 1, odd TypeError: .*BigInt.*\n {2}version 1/,
  );
  expect(manager.model("m")?.versions[0]).toMatchObject({ revision: "a", error: { code: "LOAD_FAILED" } });
});

describe("history", () => {
  it("tells the phases of a version, with the errors, and forgets the oldest", async () => {
    const { manager, want, clock } = stage({ retry: { attempts: 50, delayMs: 10, maxDelayMs: 10 } });
    const loader = gatedLoader();
    want(one(loader));
    loader.pending[0]?.fail(new Error("no room"));
    await turn();
    const history = manager.model("m")?.versions[0]?.history ?? [];
    expect(history.map(({ phase }) => phase)).toEqual(["new", "waiting", "loading", "retrying"]);
    expect(history.at(-1)?.error?.message).toContain("no room");
    for (let round = 0; round < 20; round++) {
      clock.advance(10);
      loader.pending[0]?.fail(new Error("no room"));
      await turn();
    }
    expect(manager.model("m")?.versions[0]?.history).toHaveLength(32);
  });
});

it("JSON.stringify of a manager keeps what errors say", async () => {
  const { manager, want } = stage({ retry: { attempts: 0 } });
  const loader = gatedLoader();
  want(one(loader));
  loader.pending[0]?.fail(new Error("no room"));
  await turn();
  const written = JSON.parse(JSON.stringify(manager)) as { models: { versions: { error: unknown }[] }[] };
  expect(written.models[0]?.versions[0]?.error).toEqual({
    code: "LOAD_FAILED",
    message: "m/1: no room",
    retryable: true,
    cause: "no room",
  });
});

it("follows a policy of the app's own: here, versions in ascending order, one at a time", async () => {
  const loader = gatedLoader({ open: true });
  const { want, events } = stage({
    policy: (versions) => {
      const unwanted = versions.find(({ aspired, phase }) => !aspired && phase === "available");
      if (unwanted !== undefined) return { type: "unload", incarnation: unwanted.incarnation };
      if (versions.some(({ phase }) => phase !== "new" && phase !== "available")) return undefined;
      const [next] = versions.filter(({ phase }) => phase === "new").sort((a, b) => a.version - b.version);
      return next && { type: "load", incarnation: next.incarnation };
    },
  });
  want(two(loader), one(loader));
  await turn();
  expect(events.filter((each) => each.endsWith("version-available"))).toEqual([
    "1 version-available",
    "2 version-available",
  ]);
});
