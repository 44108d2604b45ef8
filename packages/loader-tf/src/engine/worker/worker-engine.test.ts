import type { OpenFiles, Tensor } from "@servable/core";
import { describe, expect, it } from "vitest";
import type { Call } from "../../portable/run/session.js";
import type { EngineModel, OpenRequest } from "../engine.js";
import type { FromWorker, ToWorker } from "./protocol.js";
import { workerEngine } from "./worker-engine.js";
import type { WorkerThread } from "./worker-thread.js";

/** A thread whose answers the test gives. */
class FakeThread implements WorkerThread {
  readonly sent: ToWorker[] = [];
  alive = true;
  ended = false;
  #listener: (message: FromWorker) => void = () => {};
  #onEnd: (reason: string) => void = () => {};

  send(message: ToWorker): void {
    this.sent.push(message);
  }
  onMessage(listener: (message: FromWorker) => void): void {
    this.#listener = listener;
  }
  onEnd(listener: (reason: string) => void): void {
    this.#onEnd = listener;
  }
  keepAlive(wanted: boolean): void {
    this.alive = wanted;
  }
  async terminate(): Promise<void> {
    this.die("terminated");
  }

  say(message: FromWorker): void {
    this.#listener(message);
  }
  loaded(): void {
    this.say({ type: "loaded", signatures: {}, facts: { nodes: {}, weightBytes: 1 } });
  }
  die(reason: string): void {
    if (this.ended) return;
    this.ended = true;
    this.#onEnd(reason);
  }
  get calls(): number[] {
    return this.sent.flatMap((message) => (message.type === "run" ? [message.call] : []));
  }
  answer(call: number, outputs: Record<string, Tensor> = {}): void {
    this.say({ type: "ran", call, outputs });
  }
}

const files: OpenFiles = {
  list: async () => [],
  read: async (name) => {
    if (name === "gone") throw new Error("no such file");
    return new Uint8Array(new ArrayBuffer(100), 10, 3);
  },
  async [Symbol.asyncDispose]() {},
};
const call: Call = { signature: "s", inputs: {}, outputs: [] };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function request(signal: AbortSignal = new AbortController().signal): OpenRequest {
  return { files, tags: [], optimize: {}, signal, report: () => {} };
}

function stage(options: { threads?: number; maxQueuedCalls?: number } = {}): {
  threads: FakeThread[];
  open: (r?: OpenRequest) => Promise<EngineModel>;
} {
  const threads: FakeThread[] = [];
  const start = (): FakeThread => {
    const thread = new FakeThread();
    threads.push(thread);
    return thread;
  };
  return { threads, open: (r = request()) => workerEngine({ threads: 1, maxQueuedCalls: 100, start, ...options })(r) };
}

async function opened(options?: Parameters<typeof stage>[0]): Promise<{ threads: FakeThread[]; model: EngineModel }> {
  const { threads, open } = stage(options);
  const opening = open();
  for (const thread of threads) thread.loaded();
  return { threads, model: await opening };
}

function first(threads: readonly FakeThread[]): FakeThread {
  const [thread] = threads;
  if (thread === undefined) throw new Error("no thread was started");
  return thread;
}

describe("loading", () => {
  it("hands files over as the thread asks for them, without the rest of their buffers", async () => {
    const { threads, open } = stage();
    const opening = open();
    const thread = first(threads);
    thread.say({ type: "read-file", request: 1, name: "saved_model.pb" });
    thread.say({ type: "read-file", request: 2, name: "gone" });
    await turn();
    const [, read, failed] = thread.sent;
    expect(read).toMatchObject({ type: "file-read", request: 1, bytes: new Uint8Array(3) });
    expect(read?.type === "file-read" && read.bytes.buffer.byteLength).toBe(3);
    expect(failed).toMatchObject({
      type: "file-failed",
      request: 2,
      error: { code: "INTERNAL", message: "no such file" },
    });
    thread.loaded();
    await opening;
    expect(thread.alive).toBe(false);
  });

  it.each<[string, (thread: FakeThread) => void, object]>([
    [
      "the model cannot be loaded",
      (t) => t.say({ type: "load-failed", error: { code: "DATA_LOSS", message: "cut" } }),
      { code: "DATA_LOSS", message: "cut" },
    ],
    [
      "the thread dies",
      (t) => t.die("out of memory"),
      { code: "INTERNAL", message: "its worker thread died: out of memory" },
    ],
  ])("fails where %s, and ends the thread", async (_title, act, wanted) => {
    const { threads, open } = stage({ threads: 2 });
    const opening = open();
    act(first(threads));
    await expect(opening).rejects.toMatchObject(wanted);
    expect(threads.map(({ ended }) => ended)).toEqual([true, true]);
    expect(threads).toHaveLength(2);
  });

  it("ends with the reason of an abort", async () => {
    const { threads, open } = stage();
    const controller = new AbortController();
    const opening = open(request(controller.signal));
    const reason = new Error("not wanted any more");
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
    expect(first(threads).ended).toBe(true);
  });
});

describe("calls", () => {
  it("go to the thread that has the fewest, two at a time, the rest in turn", async () => {
    const { threads, model } = await opened({ threads: 2 });
    const answers = Array.from({ length: 6 }, () => model.run(call));
    await turn();
    expect(threads.map(({ calls }) => calls)).toEqual([
      [0, 1],
      [0, 1],
    ]);
    first(threads).answer(1);
    await turn();
    expect(threads.map(({ calls }) => calls)).toEqual([
      [0, 1, 2],
      [0, 1],
    ]);
    for (const thread of threads) for (const number of [0, 1, 2]) thread.answer(number);
    await turn();
    for (const thread of threads) for (const number of [2, 3]) thread.answer(number);
    await expect(Promise.all(answers)).resolves.toHaveLength(6);
    expect(threads.map(({ alive }) => alive)).toEqual([false, false]);
  });

  it("fail at once where too many wait", async () => {
    const { threads, model } = await opened({ maxQueuedCalls: 1 });
    const kept = [model.run(call), model.run(call), model.run(call)];
    await expect(model.run(call)).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
    first(threads).answer(0);
    await turn();
    for (const number of [1, 2]) first(threads).answer(number);
    await expect(Promise.all(kept)).resolves.toHaveLength(3);
  });

  it("fail at once when they abort, in the queue or in flight, and harm no other", async () => {
    const { threads, model } = await opened();
    const controllers = Array.from({ length: 4 }, () => new AbortController());
    const answers = controllers.map(({ signal }) => model.run(call, signal));
    const reason = new Error("hung up");
    controllers[0]?.abort(reason);
    controllers[2]?.abort(reason);
    await expect(answers[0]).rejects.toBe(reason);
    await expect(answers[2]).rejects.toBe(reason);
    first(threads).answer(0);
    first(threads).answer(1);
    await turn();
    expect(first(threads).calls).toEqual([0, 1, 2]);
    first(threads).answer(2);
    await expect(Promise.all([answers[1], answers[3]])).resolves.toHaveLength(2);
  });

  it("fail with the thread that dies; another one takes its place and what waited", async () => {
    const { threads, model } = await opened();
    const answers = [model.run(call), model.run(call), model.run(call)];
    await turn();
    first(threads).die("segmentation fault");
    await expect(answers[0]).rejects.toMatchObject({
      code: "INTERNAL",
      message: "its worker thread died: segmentation fault",
    });
    await expect(answers[1]).rejects.toMatchObject({ code: "INTERNAL" });
    const [, second] = threads;
    second?.loaded();
    await turn();
    second?.answer(0);
    await expect(answers[2]).resolves.toEqual({});
  });

  it("fail when a dead thread cannot be replaced", async () => {
    const { threads, model } = await opened();
    const answers = [model.run(call), model.run(call), model.run(call)];
    await turn();
    first(threads).die("once");
    threads[1]?.die("twice");
    const results = await Promise.allSettled(answers);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    await expect(model.run(call)).rejects.toMatchObject({ code: "INTERNAL" });
    expect(threads).toHaveLength(2);
  });
});

describe("closing", () => {
  it("fails what runs and waits, ends the threads, and starts none", async () => {
    const { threads, model } = await opened();
    const answers = Array.from({ length: 5 }, () => model.run(call));
    const settled = Promise.allSettled(answers);
    await model.close();
    for (const result of await settled)
      expect(result).toMatchObject({ status: "rejected", reason: { code: "CANCELLED" } });
    expect(threads).toHaveLength(1);
    expect(first(threads).ended).toBe(true);
    await expect(model.run(call)).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
