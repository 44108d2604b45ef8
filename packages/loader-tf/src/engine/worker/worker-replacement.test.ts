import { describe, expect, it } from "vitest";
import type { Call } from "../../call.js";
import { openRequest, poolStage, turn } from "../../testing/fake-threads.js";
import { GRACE_MS } from "./pool-worker.js";
import { MAX_SPARE_BYTES, RENEW_DELAY_MS } from "./worker-pool.js";

const call: Call = { signature: "s", inputs: {}, outputs: [] };

describe("a thread that dies", () => {
  it("fails its calls so that they can be tried again; another loads all models and takes what waits", async () => {
    const { open, threads, thread } = poolStage();
    const [model, other] = [await open(), await open()];
    const answers = [model.run(call), model.run(call), model.run(call), other.run(call)];
    thread(0).die("segmentation fault");
    const died = {
      code: "NOT_AVAILABLE",
      retryable: true,
      message: "its worker thread died: segmentation fault; try again",
    };
    await expect(answers[0]).rejects.toMatchObject(died);
    await expect(answers[1]).rejects.toMatchObject(died);
    thread(1).loaded(0);
    await turn();
    expect(thread(1).loads).toEqual([0, 1]);
    thread(1).answer(0);
    await expect(answers[2]).resolves.toEqual({});
    thread(1).loaded(1);
    await turn();
    thread(1).answer(1);
    await expect(answers[3]).resolves.toEqual({});
    expect(threads).toHaveLength(2);
  });

  it("is replaced while the others go on with what waits", async () => {
    const { open, threads, thread } = poolStage({ threads: 2 });
    const model = await open();
    const answers = Array.from({ length: 6 }, () => model.run(call));
    const settled = Promise.allSettled(answers);
    thread(0).die("killed");
    for (const number of [0, 1, 2, 3]) thread(1).answer(number);
    const statuses = (await settled).map(({ status }) => status);
    expect(statuses.filter((status) => status === "fulfilled")).toHaveLength(4);
    expect(threads).toHaveLength(3);
    expect(thread(2).calls).toEqual([]);
  });

  it("three times in a row over the same model takes that model away, and no other", async () => {
    const { open, threads, thread } = poolStage();
    const [bad, good] = [await open(), await open()];
    for (const death of [0, 1, 2]) {
      const answer = bad.run(call);
      thread(death).die("out of memory");
      await expect(answer).rejects.toMatchObject({ code: "NOT_AVAILABLE" });
      for (const model of [0, 1]) {
        thread(death + 1).loaded(model);
        await turn();
      }
    }
    const broken = { code: "INTERNAL", message: expect.stringContaining("load it again") as string };
    await expect(bad.run(call)).rejects.toMatchObject(broken);
    expect(thread(3).loads).toEqual([1]);
    thread(3).loaded(1);
    const answer = good.run(call);
    thread(3).answer(0);
    await expect(answer).resolves.toEqual({});
    expect(threads).toHaveLength(4);
    await bad.close();
  });

  it("is forgiven once a call of the model has been answered", async () => {
    const { open, thread } = poolStage();
    const model = await open();
    for (let death = 0; death < 5; death++) {
      const answers = [model.run(call), model.run(call)];
      thread(death).answer(0);
      thread(death).die("now and then");
      await expect(answers[0]).resolves.toEqual({});
      await expect(answers[1]).rejects.toMatchObject({ code: "NOT_AVAILABLE" });
      thread(death + 1).loaded();
      await turn();
    }
  });

  it("fails what waits when it cannot be replaced", async () => {
    const { open, threads, thread } = poolStage();
    const model = await open();
    const settled = Promise.allSettled([model.run(call), model.run(call), model.run(call)]);
    for (const each of [0, 1, 2]) {
      thread(each).die("again");
      await turn();
    }
    const codes = (await settled).map((result) => result.status === "rejected" && (result.reason as Error).message);
    expect(codes[2]).toContain("could not be replaced");
    await expect(model.run(call)).rejects.toMatchObject({ code: "INTERNAL" });
    expect(threads).toHaveLength(4);
    await model.close();
    expect(threads.every(({ ended }) => ended)).toBe(true);
  });

  it("takes a model along whose files are gone, once no thread has it", async () => {
    const { open, thread } = poolStage({ threads: 2 });
    const model = await open();
    const gone = { type: "load-failed", model: 0, error: { code: "NOT_FOUND", message: "gone" } } as const;
    thread(0).die("killed");
    thread(2).say(gone);
    await turn();
    const answer = model.run(call);
    thread(1).answer(0);
    await expect(answer).resolves.toEqual({});
    thread(1).die("killed");
    thread(3).say(gone);
    await turn();
    await expect(model.run(call)).rejects.toMatchObject({ code: "INTERNAL", cause: { message: "gone" } });
  });

  it("while nothing is loaded is not replaced before the next load", async () => {
    const { pool, threads, thread } = poolStage({ threads: 2 });
    const opening = pool.open(openRequest());
    thread(1).die("at once");
    await expect(opening).rejects.toMatchObject({ code: "NOT_AVAILABLE" });
    expect(threads).toHaveLength(2);
    const again = pool.open(openRequest());
    expect(threads).toHaveLength(4);
    for (const each of threads) each.loaded(1);
    await expect(again).resolves.toBeDefined();
  });
});

describe("a call that takes too long", () => {
  it("fails in time, in the queue or in flight; a thread that comes to an end in time of grace stays", async () => {
    const { open, clock, threads, thread } = poolStage();
    const model = await open();
    const answers = [model.run(call), model.run(call), model.run(call)];
    clock.advance(999);
    const late = model.run(call);
    const settled = Promise.allSettled(answers);
    clock.advance(1);
    for (const result of await settled) {
      const message = expect.stringMatching(/1000 ms.*raise timeoutMs/) as string;
      expect(result).toMatchObject({ reason: { code: "DEADLINE_EXCEEDED", retryable: true, message } });
    }
    thread(0).answer(0);
    thread(0).answer(1);
    thread(0).answer(2);
    await expect(late).resolves.toEqual({});
    clock.advance(10 * GRACE_MS);
    expect(threads).toHaveLength(1);
    expect(clock.scheduled).toBe(0);
  });

  it("and does not end costs the thread, but no other call", async () => {
    const { open, pool, clock, threads, thread } = poolStage();
    const model = await open();
    const endless = model.run(call);
    clock.advance(900);
    const others = [model.run(call), model.run(call), model.run(call)];
    clock.advance(100);
    await expect(endless).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    clock.advance(GRACE_MS - 200);
    // The others are too late as well by now, and have failed for themselves.
    await expect(Promise.all(others)).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    const waiting = [model.run(call), model.run(call)];
    expect(threads).toHaveLength(1);
    clock.advance(200);
    expect(thread(0).ended).toBe(true);
    thread(1).loaded();
    await turn();
    thread(1).answer(0);
    thread(1).answer(1);
    await expect(Promise.all(waiting)).resolves.toHaveLength(2);
    expect(pool.missing).toBe(0);
    expect(clock.scheduled).toBe(0);
  });

  it("for one that aborted likewise; what stood behind it in the thread runs elsewhere, before what came later", async () => {
    const { pool, clock, thread } = poolStage();
    const opening = pool.open(openRequest({ timeoutMs: Number.POSITIVE_INFINITY }));
    thread(0).loaded();
    const model = await opening;
    const controller = new AbortController();
    const endless = model.run(call, controller.signal);
    const named = (signature: string): Call => ({ ...call, signature });
    const others = [model.run(named("behind")), model.run(named("later"))];
    controller.abort(new Error("hung up"));
    await expect(endless).rejects.toThrow("hung up");
    clock.advance(GRACE_MS);
    thread(1).loaded();
    await turn();
    const sent = thread(1).sent.flatMap((message) => (message.type === "run" ? [message.what.signature] : []));
    expect(sent).toEqual(["behind", "later"]);
    thread(1).answer(0);
    thread(1).answer(1);
    await expect(Promise.all(others)).resolves.toHaveLength(2);
  });

  it("does not keep its model from being unloaded", async () => {
    const { open, clock, thread } = poolStage();
    const [model] = [await open(), await open()];
    const endless = Promise.allSettled([model.run(call)]);
    const closing = model.close();
    await endless;
    clock.advance(GRACE_MS);
    await closing;
    expect(thread(0).ended).toBe(true);
    expect(thread(1).loads).toEqual([1]);
  });
});

describe("a thread that holds much memory for nothing", () => {
  it("is replaced after the unload, once another has all models; no call is lost", async () => {
    const { open, pool, clock, threads, thread } = poolStage();
    const [large, small, tiny] = [await open(), await open(), await open()];
    const closing = large.close();
    thread(0).unloaded(0, MAX_SPARE_BYTES + 1);
    await closing;
    clock.advance(RENEW_DELAY_MS);
    await turn();
    expect(thread(1).loads).toEqual([1]);
    const answers = [small.run(call), tiny.run(call), small.run(call)];
    expect(thread(0).calls).toEqual([0, 1]);
    thread(1).loaded(1);
    await turn();
    thread(1).loaded(2);
    await turn();
    expect([thread(0).ended, thread(0).calls.length]).toEqual([false, 2]);
    thread(0).answer(0);
    expect(thread(0).ended).toBe(false);
    thread(0).answer(1);
    expect(thread(0).ended).toBe(true);
    for (const number of thread(1).calls) thread(1).answer(number);
    await expect(Promise.all(answers)).resolves.toHaveLength(3);
    expect([threads.length, pool.missing]).toEqual([2, 0]);
  });

  it("stays if it is not much, or if all is unloaded soon after", async () => {
    const { open, clock, threads, thread } = poolStage();
    const models = [await open(), await open(), await open()];
    for (const [number, spareBytes] of [MAX_SPARE_BYTES, MAX_SPARE_BYTES + 1].entries()) {
      const closing = models[number]?.close();
      thread(0).unloaded(number, spareBytes);
      await closing;
      clock.advance(RENEW_DELAY_MS - 1);
      expect(threads).toHaveLength(1);
    }
    await models[2]?.close();
    expect(clock.scheduled).toBe(0);
    await turn();
    expect(threads).toHaveLength(1);
  });

  it("stays where its models cannot be loaded again", async () => {
    const { open, pool, clock, threads, thread } = poolStage();
    const [large, small] = [await open(), await open()];
    const closing = large.close();
    thread(0).unloaded(0, 2 * MAX_SPARE_BYTES);
    await closing;
    clock.advance(RENEW_DELAY_MS);
    await turn();
    thread(1).say({ type: "load-failed", model: 1, error: { code: "NOT_FOUND", message: "gone" } });
    await turn();
    expect(threads.map(({ ended }) => ended)).toEqual([false, true]);
    const answer = small.run(call);
    thread(0).answer(0);
    await expect(answer).resolves.toEqual({});
    expect(pool.missing).toBe(0);
  });

  it("is replaced one at a time", async () => {
    const { open, pool, clock, threads, thread } = poolStage({ threads: 2 });
    const [large, small] = [await open(), await open()];
    const closing = large.close();
    for (const each of threads) each.unloaded(0, 2 * MAX_SPARE_BYTES);
    await closing;
    clock.advance(RENEW_DELAY_MS);
    await turn();
    expect(threads).toHaveLength(3);
    thread(2).loaded(1);
    await turn();
    expect(thread(0).ended).toBe(true);
    thread(3).loaded(1);
    await turn();
    expect(threads.map(({ ended }) => ended)).toEqual([true, true, false, false]);
    expect(pool.missing).toBe(0);
    await small.close();
  });
});
