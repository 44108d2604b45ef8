import { describe, expect, it } from "vitest";
import type { Call } from "../../call.js";
import { openRequest, poolStage, turn } from "../../testing/fake-threads.js";

const call: Call = { signature: "s", inputs: {}, outputs: [] };

describe("loading", () => {
  it("hands files over as the thread asks for them, without the rest of their buffers", async () => {
    const { pool, thread } = poolStage();
    const opening = pool.open(openRequest());
    const first = thread(0);
    first.say({ type: "read-file", model: 0, request: 1, name: "saved_model.pb" });
    first.say({ type: "read-file", model: 0, request: 2, name: "gone" });
    first.say({ type: "read-file", model: 7, request: 3, name: "saved_model.pb" });
    await turn();
    const [, unknown, read, failed] = first.sent;
    expect(unknown).toMatchObject({ type: "file-failed", request: 3, error: { code: "CANCELLED" } });
    expect(read).toMatchObject({ type: "file-read", request: 1, bytes: new Uint8Array(3) });
    expect(read?.type === "file-read" && read.bytes.buffer.byteLength).toBe(3);
    expect(failed).toMatchObject({
      type: "file-failed",
      request: 2,
      error: { code: "INTERNAL", message: "no such file" },
    });
    first.loaded();
    await opening;
    expect(first.alive).toBe(false);
  });

  it.each<[string, (thread: ReturnType<ReturnType<typeof poolStage>["thread"]>) => void, object]>([
    [
      "the model cannot be loaded",
      (t) => t.say({ type: "load-failed", model: 0, error: { code: "DATA_LOSS", message: "cut" } }),
      { code: "DATA_LOSS", message: "cut" },
    ],
    [
      "the thread dies",
      (t) => t.die("out of memory"),
      { code: "NOT_AVAILABLE", message: "its worker thread died: out of memory; try again" },
    ],
  ])("fails where %s, and ends the threads that nobody else needs", async (_title, act, wanted) => {
    const { pool, threads, thread } = poolStage({ threads: 2 });
    const opening = pool.open(openRequest());
    act(thread(0));
    await expect(opening).rejects.toMatchObject(wanted);
    expect(threads.map(({ ended }) => ended)).toEqual([true, true]);
    expect(threads).toHaveLength(2);
    expect(pool.missing).toBe(2);
  });

  it("tells once how far it has come, however many threads load", async () => {
    const stages: string[] = [];
    const { pool, threads } = poolStage({ threads: 2 });
    const opening = pool.open(openRequest({ report: ({ stage }) => void stages.push(stage) }));
    for (const thread of threads) thread.say({ type: "load-progressed", model: 0, progress: { stage: "parse" } });
    for (const thread of threads) thread.loaded();
    await opening;
    expect(stages).toEqual(["parse"]);
  });

  it("ends with the reason of an abort, and takes no thread away from others", async () => {
    const { pool, open, thread } = poolStage();
    const serving = await open();
    const controller = new AbortController();
    const opening = pool.open(openRequest({ signal: controller.signal }));
    await turn();
    const reason = new Error("not wanted any more");
    controller.abort(reason);
    thread(0).unloaded(1);
    await expect(opening).rejects.toBe(reason);
    thread(0).loaded(1);
    const answer = serving.run(call);
    thread(0).answer(0);
    await expect(answer).resolves.toEqual({});
    await serving.close();
    await expect(pool.open(openRequest({ signal: controller.signal }))).rejects.toBe(reason);
    expect(pool.missing).toBe(1);
  });

  it("stops one thread at a time while other models serve, and calls go to the others", async () => {
    const { pool, open, threads, thread } = poolStage({ threads: 2 });
    const serving = await open();
    const opening = [pool.open(openRequest()), pool.open(openRequest())];
    await turn();
    expect(threads.map(({ loads }) => loads)).toEqual([[0, 1], [0]]);
    const answers = [serving.run(call), serving.run(call), serving.run(call)];
    expect(threads.map(({ calls }) => calls)).toEqual([[], [0, 1]]);
    thread(0).loaded(1);
    await turn();
    expect(threads.map(({ calls }) => calls)).toEqual([[0], [0, 1]]);
    expect(threads.map(({ loads }) => loads.length).reduce((sum, loads) => sum + loads)).toBe(4);
    for (let round = 0; round < 4; round++) {
      for (const each of threads) for (const model of each.loads) each.loaded(model);
      await turn();
    }
    thread(0).answer(0);
    thread(1).answer(0);
    thread(1).answer(1);
    await expect(Promise.all([...opening, ...answers])).resolves.toHaveLength(5);
  });
});

describe("calls", () => {
  it("go to the thread that has the fewest, two at a time, the rest in turn", async () => {
    const { open, threads, thread } = poolStage({ threads: 2 });
    const model = await open();
    const answers = Array.from({ length: 6 }, () => model.run(call));
    expect(threads.map(({ calls }) => calls)).toEqual([
      [0, 1],
      [0, 1],
    ]);
    thread(0).answer(1);
    expect(threads.map(({ calls }) => calls)).toEqual([
      [0, 1, 2],
      [0, 1],
    ]);
    for (const each of threads) for (const number of [0, 1, 2]) each.answer(number);
    for (const each of threads) for (const number of [2, 3]) each.answer(number);
    await expect(Promise.all(answers)).resolves.toHaveLength(6);
    expect(threads.map(({ alive }) => alive)).toEqual([false, false]);
  });

  it("of a busy model do not starve those of another", async () => {
    const { open, thread } = poolStage();
    const [busy, quiet] = [await open(), await open()];
    const many = Array.from({ length: 10 }, () => busy.run(call));
    const few = [quiet.run(call), quiet.run(call)];
    for (let number = 0; number < 12; number++) thread(0).answer(number);
    await Promise.all([...many, ...few]);
    expect(thread(0).callsOf).toEqual([0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
  });

  it("fail at once where too many of the same model wait", async () => {
    const { open, thread } = poolStage({ maxQueuedCalls: 1 });
    const [model, other] = [await open(), await open()];
    const kept = [model.run(call), model.run(call), model.run(call), other.run(call)];
    await expect(model.run(call)).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
    for (const number of [0, 1, 2, 3]) thread(0).answer(number);
    await expect(Promise.all(kept)).resolves.toHaveLength(4);
  });

  it("fail at once when they abort, in the queue or in flight, and harm no other", async () => {
    const { open, clock, thread } = poolStage();
    const model = await open();
    const controllers = Array.from({ length: 4 }, () => new AbortController());
    const answers = controllers.map(({ signal }) => model.run(call, signal));
    const reason = new Error("hung up");
    controllers[0]?.abort(reason);
    controllers[2]?.abort(reason);
    await expect(answers[0]).rejects.toBe(reason);
    await expect(answers[2]).rejects.toBe(reason);
    thread(0).answer(0);
    thread(0).answer(1);
    expect(thread(0).calls).toEqual([0, 1, 2]);
    thread(0).answer(2);
    await expect(Promise.all([answers[1], answers[3]])).resolves.toHaveLength(2);
    expect(clock.scheduled).toBe(0);
  });

  it("that cannot be sent fail alone", async () => {
    const { open, thread } = poolStage();
    const model = await open();
    const data = new Float32Array(1);
    structuredClone(data, { transfer: [data.buffer] });
    const inputs = { x: { dtype: "float32", shape: [1], data } } as const;
    await expect(model.run({ ...call, inputs })).rejects.toThrow();
    const answer = model.run(call);
    thread(0).answer(thread(0).calls[0] ?? -1);
    await expect(answer).resolves.toEqual({});
  });
});

describe("closing", () => {
  it("fails what runs and waits, ends the threads with the last model, and starts none", async () => {
    const { open, pool, clock, threads, thread } = poolStage();
    const model = await open();
    const settled = Promise.allSettled(Array.from({ length: 5 }, () => model.run(call)));
    await model.close();
    for (const result of await settled)
      expect(result).toMatchObject({ status: "rejected", reason: { code: "CANCELLED" } });
    expect(threads).toHaveLength(1);
    expect(thread(0).ended).toBe(true);
    await expect(model.run(call)).rejects.toMatchObject({ code: "CANCELLED" });
    expect(pool.missing).toBe(1);
    expect(clock.scheduled).toBe(0);
  });

  it("of one model leaves the calls of others alone, and waits until it is unloaded", async () => {
    const { open, threads, thread } = poolStage({ threads: 2 });
    const [model, other] = [await open(), await open()];
    const failing = Promise.allSettled([model.run(call), model.run(call), model.run(call)]);
    const going = [other.run(call), other.run(call)];
    let closed = false;
    const closing = model.close().then(() => (closed = true));
    await turn();
    expect(closed).toBe(false);
    for (const each of threads) expect(each.sent.at(-1)).toEqual({ type: "unload", model: 0 });
    for (const result of await failing) expect(result).toMatchObject({ reason: { code: "CANCELLED" } });
    for (const each of threads) for (const number of [0, 1]) each.answer(number);
    for (const each of threads) each.unloaded(0);
    await closing;
    for (const each of threads) for (const number of [2, 3]) each.answer(number);
    await expect(Promise.all(going)).resolves.toHaveLength(2);
    expect(threads.map(({ ended, alive }) => [ended, alive])).toEqual([
      [false, false],
      [false, false],
    ]);
    await other.close();
    expect(threads.map(({ ended }) => ended)).toEqual([true, true]);
    expect(thread(0).loads).toEqual([0, 1]);
  });

  it("while another model loads, whose load is given up, ends all threads", async () => {
    const { open, pool, threads } = poolStage({ threads: 2 });
    const serving = await open();
    const controller = new AbortController();
    const opening = pool.open(openRequest({ signal: controller.signal }));
    await turn();
    const closing = serving.close();
    controller.abort(new Error("enough"));
    await expect(opening).rejects.toThrow("enough");
    await closing;
    expect(threads.map(({ ended }) => ended)).toEqual([true, true]);
  });
});
