import { firstValueFrom, Subject, take, toArray } from "rxjs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { found, pollStage } from "../testing/poll-stage.js";
import { turn } from "../testing/stage.js";
import { pollSource } from "./poll-source.js";

const AGAIN = "; it is tried again, and what was found before stays";

describe("what is emitted", () => {
  it("is what differs from before: versions, revisions, errors, skipped entries and notes", async () => {
    const stage = pollStage({ minMs: 10, maxMs: 10 });
    const steps = [
      found({ 1: "a" }),
      found({ 1: "a" }),
      found({ 1: "b" }),
      found({ 1: "b", 2: "a" }),
      { ...found({ 1: "b" }), notes: ["n"] },
      { ...found({ 1: "b" }), notes: ["n"] },
      { ...found({ 1: "b" }), skipped: [{ entry: "x", reason: "y" }] },
      { name: "m", versions: [{ version: 1, error: new Error("x") }] },
      { name: "m", versions: [{ version: 1, error: new Error("x") }] },
      undefined,
      { name: "m", versions: [] },
    ];
    for (const find of steps) {
      await stage.ends({ find });
      stage.clock.advance(10);
      await turn();
    }
    expect(stage.said()).toEqual(["m:1a", "m:1b", "m:1b,2a", "m:1b!", "m:1b", "m:1?", "m:"]);
    expect(stage.looks).toHaveLength(12);
  });

  it("is one list for each name, and an empty one for a name that is left out, once", async () => {
    const stage = pollStage({ minMs: 10, maxMs: 10 });
    for (const find of [[found({ 1: "a" }, "x"), found({ 1: "a" }, "y")], [found({ 1: "a" }, "y")], [], []]) {
      await stage.ends({ find });
      stage.clock.advance(10);
      await turn();
    }
    await stage.ends({ find: [found({ 2: "a" }, "x")] });
    expect(stage.said()).toEqual(["x:1a", "y:1a", "x:", "y:", "x:2a"]);
  });

  it("keeps the data of a list that says the same", async () => {
    const stage = pollStage({ minMs: 10, maxMs: 10 });
    const first = found({ 1: "a" });
    await stage.ends({ find: first });
    for (const how of [{ find: found({ 1: "a" }) }, { fail: new Error("x") }]) {
      stage.clock.advance(10);
      await turn();
      await stage.ends(how);
    }
    expect(stage.lists.map(({ versions }) => versions)).toEqual([first.versions, first.versions]);
    expect(stage.lists[1]?.versions).toBe(first.versions);
  });

  it("ends when the subscriber leaves at a list", async () => {
    const lists = await firstValueFrom(
      pollSource({ name: "m", look: async () => found({ 1: "a" }) }).pipe(take(1), toArray()),
    );
    expect(lists).toEqual([found({ 1: "a" })]);
  });
});

describe("a look that fails", () => {
  it("is told once per change, stands in the notes, empties no list, and is forgotten when a look succeeds", async () => {
    const stage = pollStage({ minMs: 10, maxMs: 10 });
    const steps = [
      { find: { ...found({ 1: "a" }), notes: ["n"] } },
      { fail: new Error("away") },
      { fail: new Error("away") },
      { fail: "denied" },
      { find: undefined },
      { fail: new Error("away") },
      { find: found({ 2: "a" }) },
    ];
    for (const step of steps) {
      await stage.ends(step);
      stage.clock.advance(10);
      await turn();
    }
    const away = `the look failed: away${AGAIN}`;
    const denied = `the look failed: denied${AGAIN}`;
    expect(stage.warnings).toEqual([`m: ${away}`, `m: ${denied}`, `m: ${away}`]);
    expect(stage.lists.map(({ notes }) => notes)).toEqual([
      ["n"],
      ["n", away],
      ["n", denied],
      ["n"],
      ["n", away],
      undefined,
    ]);
    expect(stage.said().at(-1)).toBe("m:2a");
    expect(stage.end()).toBeUndefined();
  });

  it("before anything was found is a warning and no list", async () => {
    const stage = pollStage();
    await stage.ends({ fail: new Error("away") });
    expect(stage.lists).toEqual([]);
    expect(stage.warnings).toHaveLength(1);
    expect(stage.clock.scheduled).toBe(1);
  });

  it.each<[string, () => never]>([
    [
      "throws instead of rejecting",
      () => {
        throw new Error("at once");
      },
    ],
  ])("may be one that %s", async (_, look) => {
    const stage = pollStage({ look });
    await turn();
    expect(stage.warnings).toEqual([`m: the look failed: at once${AGAIN}`]);
  });

  it("may be one that gives two lists of one name", async () => {
    const stage = pollStage();
    await stage.ends({ find: [found({ 1: "a" }), found({ 2: "a" })] });
    expect(stage.lists).toEqual([]);
    expect(stage.warnings).toEqual([`m: the look failed: the look gave two lists of m${AGAIN}`]);
  });
});

it("a wish for a look that cannot be meant makes the look fail", async () => {
  const stage = pollStage({ look: async ({ lookAgainWithin }) => lookAgainWithin(Number.NaN) as undefined });
  await turn();
  expect(stage.warnings).toEqual([expect.stringContaining("lookAgainWithin(NaN)")]);
});

describe("trouble that a look lives with", () => {
  it("is told once while look after look says so", async () => {
    const stage = pollStage({ minMs: 10, maxMs: 10 });
    for (const texts of [["a", "a"], ["a", "b"], [], ["a"]]) {
      for (const text of texts) stage.looks.at(-1)?.context.warn(text);
      await stage.ends({ find: undefined });
      stage.clock.advance(10);
      await turn();
    }
    expect(stage.warnings).toEqual(["m: a", "m: b", "m: a"]);
    expect(stage.lists).toEqual([]);
  });
});

describe("the pause", () => {
  it("doubles while looks bring nothing new, and begins anew after a change", async () => {
    const stage = pollStage({ minMs: 100, maxMs: 500 });
    const pauses: number[] = [];
    for (const find of [found({ 1: "a" }), undefined, found({ 1: "a" }), undefined, undefined, found({ 2: "a" })]) {
      await stage.ends({ find });
      pauses.push(await stage.pause());
    }
    expect(pauses).toEqual([100, 100, 200, 400, 500, 100]);
  });

  it("doubles while looks fail, and begins anew with the first failure and the first success", async () => {
    const stage = pollStage({ minMs: 100, maxMs: 500 });
    const pauses: number[] = [];
    const fail = new Error("away");
    for (const how of [{}, {}, {}, { fail }, { fail }, { fail }, { fail }, {}, {}]) {
      await stage.ends(how);
      pauses.push(await stage.pause());
    }
    expect(pauses).toEqual([100, 200, 400, 100, 200, 400, 500, 100, 200]);
  });

  it("is made shorter by jitter", async () => {
    const stage = pollStage({ minMs: 100, jitter: 0.5, random: () => 0.5 });
    await stage.ends({ find: found({ 1: "a" }) });
    expect(await stage.pause()).toBe(75);
  });

  it("is as short as a look asks for, once, and not longer; a failed look asks for nothing", async () => {
    const stage = pollStage({ minMs: 100, maxMs: 100 });
    const pauses: number[] = [];
    for (const [wishes, how] of [
      [[50, 20, 30], {}],
      [[], {}],
      [[1_000], {}],
      [[20], { fail: "x" }],
    ] as const) {
      for (const wish of wishes) stage.looks.at(-1)?.context.lookAgainWithin(wish);
      await stage.ends(how);
      pauses.push(await stage.pause());
    }
    expect(pauses).toEqual([20, 100, 100, 100]);
  });
});

describe("unsubscribing", () => {
  it("aborts the running look, and nothing more is heard of it", async () => {
    const stage = pollStage({ timeoutMs: 500 });
    const [look] = stage.looks;
    expect(stage.clock.scheduled).toBe(1);
    stage.subscription.unsubscribe();
    expect(look?.context.signal).toMatchObject({ aborted: true, reason: { code: "CANCELLED" } });
    expect(stage.clock.scheduled).toBe(0);
    look?.context.warn("late");
    look?.fail(new Error("late"));
    await turn();
    expect([stage.lists, stage.warnings, stage.end(), stage.clock.scheduled]).toEqual([[], [], undefined, 0]);
  });

  it("between two looks leaves no timer and no look", async () => {
    const stage = pollStage();
    await stage.ends({ find: found({ 1: "a" }) });
    const signal = stage.looks[0]?.context.signal;
    stage.subscription.unsubscribe();
    stage.clock.advance(100_000);
    await turn();
    expect([stage.clock.scheduled, stage.looks.length]).toEqual([0, 1]);
    // What was found may go on using it.
    expect(signal?.aborted).toBe(false);
  });

  it("by the listener for warnings leaves no timer and no list", async () => {
    let leave = (): void => {};
    const stage = pollStage({ onWarning: () => leave() });
    leave = () => stage.subscription.unsubscribe();
    stage.looks[0]?.context.warn("x");
    await stage.ends({ find: found({ 1: "a" }) });
    expect([stage.lists, stage.clock.scheduled]).toEqual([[], 0]);
  });
});

describe("a look that takes too long", () => {
  it("is aborted and has failed, but the next one waits until it ends", async () => {
    const stage = pollStage({ minMs: 10, maxMs: 10, timeoutMs: 500 });
    await stage.ends({ find: found({ 1: "a" }) });
    await stage.pause();
    stage.clock.advance(500);
    await turn();
    expect(stage.looks[1]?.context.signal).toMatchObject({ aborted: true, reason: { code: "DEADLINE_EXCEEDED" } });
    const text = `the look failed: looking for m takes longer than timeoutMs, 500${AGAIN}`;
    expect(stage.warnings).toEqual([`m: ${text}`]);
    expect(stage.lists.at(-1)).toEqual({ ...found({ 1: "a" }), notes: [text] });
    stage.clock.advance(100_000);
    await turn();
    expect(stage.looks).toHaveLength(2);
    await stage.ends({ find: found({ 2: "a" }) });
    expect(stage.said()).toEqual(["m:1a", "m:1a!"]);
    expect(await stage.pause()).toBe(10);
    await stage.ends({ find: undefined });
    expect(stage.said().at(-1)).toBe("m:1a");
  });

  it("and ends after the subscription is nobody's trouble", async () => {
    const stage = pollStage({ timeoutMs: 500 });
    stage.clock.advance(500);
    await turn();
    stage.subscription.unsubscribe();
    await stage.ends({ fail: new Error("late") });
    expect([stage.warnings.length, stage.clock.scheduled]).toEqual([1, 0]);
  });

  it("is let go on where there is no limit", async () => {
    const stage = pollStage({ timeoutMs: Number.POSITIVE_INFINITY });
    expect(stage.clock.scheduled).toBe(0);
    stage.subscription.unsubscribe();
  });
});

describe("looking once", () => {
  it("emits and completes, without hints", async () => {
    const hint$ = new Subject<void>();
    const stage = pollStage({ once: true, hint$ });
    expect(hint$.observed).toBe(false);
    await stage.ends({ find: found({ 1: "a" }) });
    expect([stage.said(), stage.end(), stage.clock.scheduled]).toEqual([["m:1a"], "complete", 0]);
  });

  it("that fails is the end, with an error that names the source", async () => {
    const stage = pollStage({ once: true });
    await stage.ends({ fail: new Error("away") });
    expect(stage.end()).toMatchObject({ error: { code: "NOT_AVAILABLE", message: "m: away" } });
    expect([stage.lists, stage.clock.scheduled]).toEqual([[], 0]);
  });

  it("that takes too long is the end, though the look hangs", async () => {
    const stage = pollStage({ once: true, timeoutMs: 500 });
    stage.clock.advance(500);
    await turn();
    expect(stage.end()).toMatchObject({ error: { code: "DEADLINE_EXCEEDED" } });
  });
});

describe("a source", () => {
  it("looks for each subscriber on its own, and for nobody before", async () => {
    const look = vi.fn(async () => found({ 1: "a" }));
    const source = pollSource({ name: "m", look, once: true });
    expect(look).not.toHaveBeenCalled();
    const both = [source, source].map((each) => firstValueFrom(each));
    expect(look).toHaveBeenCalledTimes(2);
    expect(await Promise.all(both)).toEqual([found({ 1: "a" }), found({ 1: "a" })]);
  });
});

describe("a listener for warnings that throws", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is reported as an uncaught error, and looking goes on", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const onWarning = (): void => {
      throw new Error("the listener's own");
    };
    const stage = pollStage({ minMs: 10, onWarning });
    await stage.ends({ fail: "x" });
    expect(() => vi.runAllTimers()).toThrow("the listener's own");
    expect(await stage.pause()).toBe(10);
  });
});
