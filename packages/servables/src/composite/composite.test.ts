import { createManager, type LoadContext, type Loader, type Predictor, ServingError, tensor } from "@servable/core";
import { leakCheck, loadContext } from "@servable/core/testing";
import fc from "fast-check";
import { of, Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import { fakePredictor, signature } from "../testing/fake-predictor.js";
import { composite } from "./composite.js";

const x = signature({ x: ["float32", [-1]] });
const search = { name: "search", version: 1 };
const encode = { name: "encoder" };
const rank = { name: "ranker", label: "stable" };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Counted {
  readonly context: LoadContext;
  readonly held: () => number;
}

/** A load context that counts the handles that are out. */
function counted(servables: Readonly<Record<string, unknown>>): Counted {
  const context = loadContext({ id: search, servables });
  const leaks = leakCheck();
  return { context: { ...context, servables: leaks.parts(context.servables) }, held: () => leaks.held.length };
}

/** A predictor whose calls settle when the test says so; it does not hear aborts. */
function gated(): { predictor: Predictor; settle: ((error?: Error) => void)[]; signals: (AbortSignal | undefined)[] } {
  const settle: ((error?: Error) => void)[] = [];
  const signals: (AbortSignal | undefined)[] = [];
  const predictor = fakePredictor(
    x,
    (inputs, options) =>
      new Promise((resolve, reject) => {
        signals.push(options?.signal);
        settle.push((error) => (error === undefined ? resolve({ ...inputs }) : reject(error)));
      }),
  );
  return { predictor, settle, signals };
}

const chain = composite({
  parts: { encode, rank },
  signatures: { serving_default: x },
  run: async ({ encode, rank }, inputs) => rank.predict(await encode.predict(inputs)),
});
const call = { x: tensor([1]) };

describe("a composite", () => {
  it("names each servable that it calls once", () => {
    const parts = { a: encode, b: { name: "encoder" }, c: rank, d: { name: "ranker", version: 2 } };
    const { dependencies } = composite({ parts, signatures: {}, run: (_, inputs) => inputs });
    expect(dependencies).toEqual([encode, rank, { name: "ranker", version: 2 }]);
  });

  it("holds nothing between calls, tells its parts, and takes the concurrency of the narrowest", async () => {
    const wide = { ...fakePredictor(x), concurrency: 8 };
    const { context, held } = counted({ encoder: wide, ranker: { ...wide, concurrency: 3 } });
    const { servable, describe } = await chain.load(context);
    expect([held(), servable.concurrency]).toEqual([0, 3]);
    expect(describe?.()).toEqual({ parts: { encode: "encoder", rank: "ranker (stable)" } });
    expect(await servable.predict(call)).toEqual(call);
    expect(held()).toBe(0);
  });

  it("refuses a part that is no predictor, by its name, when it is loaded and when it is swapped", async () => {
    const servables: Record<string, unknown> = { encoder: fakePredictor(x), ranker: new Map() };
    const { context, held } = counted(servables);
    const error = {
      code: "FAILED_PRECONDITION",
      message: expect.stringMatching(/^search\/1: rank: ranker\/1 is no predictor/),
    };
    await expect(chain.load(context)).rejects.toMatchObject(error);
    servables["ranker"] = fakePredictor(x);
    const { servable } = await chain.load(context);
    servables["ranker"] = new Map();
    await expect(servable.predict(call)).rejects.toMatchObject(error);
    expect(held()).toBe(0);
  });

  it("keeps no part when another cannot be had", async () => {
    const { context, held } = counted({ encoder: fakePredictor(x) });
    await expect(chain.load(context)).rejects.toMatchObject({
      code: "NOT_AVAILABLE",
      message: "search/1: rank: search/1: ranker is not loaded now",
    });
    expect(held()).toBe(0);
  });

  it("refuses to have no parts", () => {
    expect(() => composite({ parts: {}, signatures: {}, run: (_, inputs) => inputs })).toThrow("at least one part");
  });
});

describe("a call", () => {
  it("borrows one version of each part before it returns, and keeps it while parts are swapped", async () => {
    const [first, second] = [gated(), gated()];
    const servables: Record<string, unknown> = { encoder: first.predictor, ranker: first.predictor };
    const { context, held } = counted(servables);
    const { servable } = await chain.load(context);
    const answer = servable.predict(call);
    expect(held()).toBe(2);
    Object.assign(servables, { encoder: second.predictor, ranker: second.predictor });
    await turn();
    first.settle[0]?.();
    await turn();
    first.settle[1]?.();
    expect([await answer, held(), second.settle.length]).toEqual([call, 0, 0]);
  });

  it.each<[string, unknown, object]>([
    [
      "a part, which names itself",
      new ServingError("RESOURCE_EXHAUSTED", "ranker/1: too many calls"),
      { code: "RESOURCE_EXHAUSTED", retryable: true, message: "search/1: rank: ranker/1: too many calls" },
    ],
    [
      "a part, which does not",
      new ServingError("DATA_LOSS", "cut"),
      { code: "DATA_LOSS", message: "search/1: rank: ranker/1: cut" },
    ],
    [
      "plain code",
      new TypeError("x is not a function"),
      { code: "INTERNAL", message: "search/1: rank: ranker/1: x is not a function" },
    ],
  ])("fails with the error of %s", async (_, reason, expected) => {
    const failing = fakePredictor(x, async () => {
      throw reason;
    });
    const { context, held } = counted({ encoder: fakePredictor(x), ranker: failing });
    await expect((await chain.load(context)).servable.predict(call)).rejects.toMatchObject(expected);
    expect(held()).toBe(0);
  });

  it("fails at once when it is aborted, tells the parts, and holds them until they have settled", async () => {
    const { predictor, settle, signals } = gated();
    const { context, held } = counted({ encoder: predictor, ranker: predictor });
    const { servable } = await chain.load(context);
    const abort = new AbortController();
    const answer = servable.predict(call, { signal: abort.signal });
    abort.abort(new Error("hung up"));
    await expect(answer).rejects.toMatchObject({ code: "CANCELLED", message: "search/1: hung up" });
    expect([held(), signals[0]?.aborted]).toEqual([2, true]);
    settle[0]?.();
    await turn();
    expect([held(), settle.length]).toEqual([0, 1]);
  });

  it("that runs into its deadline says so", async () => {
    const { predictor, settle } = gated();
    const { servable } = await chain.load(counted({ encoder: predictor, ranker: predictor }).context);
    const abort = new AbortController();
    const answer = servable.predict(call, { signal: abort.signal });
    abort.abort(new DOMException("too late", "TimeoutError"));
    await expect(answer).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    settle[0]?.();
  });

  it("aborts the part that is left over when the other has failed, and holds both until it has settled", async () => {
    const [slow, fast] = [gated(), gated()];
    const both = composite({
      parts: { encode, rank },
      signatures: { serving_default: x },
      run: async ({ encode, rank }, inputs) => (await Promise.all([encode.predict(inputs), rank.predict(inputs)]))[0],
    });
    const { context, held } = counted({ encoder: slow.predictor, ranker: fast.predictor });
    const answer = (await both.load(context)).servable.predict(call);
    await turn();
    fast.settle[0]?.(new Error("broken"));
    await expect(answer).rejects.toThrow("search/1: rank: ranker/1: broken");
    expect([held(), slow.signals[0]?.aborted]).toEqual([2, true]);
    slow.settle[0]?.();
    await turn();
    expect(held()).toBe(0);
  });

  it("cannot reach a part after it is over", async () => {
    let kept: Predictor | undefined;
    const leaky = composite({
      parts: { encode },
      signatures: { serving_default: x },
      run: ({ encode }, inputs) => {
        kept = encode;
        return inputs;
      },
    });
    const { servable } = await leaky.load(loadContext({ id: search, servables: { encoder: fakePredictor(x) } }));
    await servable.predict(call);
    await expect(kept?.predict(call)).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: "encode: encoder/1: called after the call was over",
    });
  });

  it("holds its inputs and outputs to the signature", async () => {
    const { context, held } = counted({ encoder: fakePredictor(x), ranker: fakePredictor(x) });
    const { servable } = await chain.load(context);
    await expect(servable.predict({})).rejects.toThrow("search/1: input x is missing");
    await expect(servable.predict(call, { outputs: ["y"] })).rejects.toThrow("search/1: there is no output y");
    const silent = composite({ parts: { encode }, signatures: { serving_default: x }, run: () => ({}) });
    await expect((await silent.load(context)).servable.predict(call)).rejects.toMatchObject({
      code: "INTERNAL",
      message: "search/1: output x of the signature was not given",
    });
    expect(held()).toBe(0);
  });

  it("never keeps a handle, however parts fail, throw, hang and are aborted", async () => {
    const behaviour = fc.constantFrom("answers", "fails", "throws", "is slow", "fails slowly");
    const step = fc.record({ part: fc.nat(2), behaviour, isAwaited: fc.boolean() });
    const plan = fc.record({
      steps: fc.array(step, { maxLength: 6 }),
      abortAt: fc.integer({ min: -1, max: 5 }),
      missing: fc.integer({ min: -4, max: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ steps, abortAt, missing }) => {
        let at = 0;
        const gates: (() => void)[] = [];
        const part = fakePredictor(x, (inputs) => {
          const how = steps[at++]?.behaviour;
          if (how === "throws") throw new Error("at once");
          if (how === "fails") return Promise.reject(new Error("soon"));
          if (how === "answers") return Promise.resolve({ ...inputs });
          return new Promise((resolve, reject) => {
            gates.push(() => (how === "is slow" ? resolve({ ...inputs }) : reject(new Error("late"))));
          });
        });
        const servables: Record<string, unknown> = { a: part, b: part, c: part };
        const { context, held } = counted(servables);
        const { servable } = await composite({
          parts: { a: { name: "a" }, b: { name: "b" }, c: { name: "c" } },
          signatures: { serving_default: x },
          async run(parts, inputs) {
            const all = [parts.a, parts.b, parts.c];
            const left: Promise<unknown>[] = [];
            for (const { part, isAwaited } of steps) {
              const work = all[part]?.predict(inputs);
              if (isAwaited) await work;
              else if (work !== undefined) left.push(work.catch(() => {}));
            }
            return inputs;
          },
        }).load(context);
        if (missing >= 0) delete servables["abc"[missing] ?? ""];
        const abort = new AbortController();
        let isOver = false;
        const answer = servable.predict(call, { signal: abort.signal }).then(
          () => (isOver = true),
          () => (isOver = true),
        );
        for (let round = 0; round < 12; round++) {
          if (round === abortAt) abort.abort();
          await turn();
          if (round > 3) for (const open of gates.splice(0)) open();
        }
        await answer;
        expect([isOver, held()]).toEqual([true, 0]);
      }),
      { numRuns: 150 },
    );
  });
});

describe("in a manager", () => {
  const loaderOf = <S>(servable: S): Loader<S> => ({
    load: async () => ({ servable, async [Symbol.asyncDispose]() {} }),
  });
  const version = (value: number): Loader<Predictor> =>
    loaderOf(fakePredictor(x, async () => ({ x: tensor([value]) })));

  it("a composite waits for its parts, calls the version that serves, and goes before them", async () => {
    const parts = new Subject<{ name: "encoder"; versions: { version: number; data: Loader<Predictor> }[] }>();
    const both = composite({
      parts: { encode },
      signatures: (parts) => parts.encode.signatures,
      run: ({ encode }, inputs) => encode.predict(inputs),
    });
    const manager = createManager({
      parts,
      search: of({ name: "search", versions: [{ version: 1, data: both }] } as const),
    });
    const log: string[] = [];
    manager.events$.subscribe(
      (event) => "id" in event && log.push(`${event.id.name}/${event.id.version} ${event.type}`),
    );
    const ask = async (): Promise<unknown> =>
      (await manager.use("search", (search) => search.predict(call)))["x"]?.data[0];
    await turn();
    expect(() => manager.acquire("search")).toThrow("search");
    parts.next({ name: "encoder", versions: [{ version: 1, data: version(1) }] });
    await manager.whenAvailable("search");
    expect(await ask()).toBe(1);
    parts.next({ name: "encoder", versions: [{ version: 2, data: version(2) }] });
    await manager.whenAvailable("encoder", { version: 2 });
    expect(await ask()).toBe(2);
    await manager.close();
    expect(log.indexOf("search/1 version-ended")).toBeLessThan(log.indexOf("encoder/2 version-unloading"));
    expect(log).not.toContain("search/1 load-failed");
  });
});
