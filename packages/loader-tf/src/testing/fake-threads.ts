import type { OpenFiles, Tensor } from "@servable/core";
import { type ManualClock, manualClock } from "@servable/core/testing";
import type { PortableModel, PortableOrder, PortableRequest, ProgramFacts } from "../engine/portable-host.js";
import type { FromWorker, ToWorker } from "../engine/worker/protocol.js";
import { type PoolOptions, WorkerPool } from "../engine/worker/worker-pool.js";
import type { WorkerThread } from "../engine/worker/worker-thread.js";

/** A worker thread whose answers the test gives. */
export class FakeThread implements WorkerThread<PortableOrder, ProgramFacts> {
  readonly sent: ToWorker<PortableOrder>[] = [];
  alive = true;
  ended = false;
  #listener: (message: FromWorker<ProgramFacts>) => void = () => {};
  #onEnd: (reason: string) => void = () => {};

  send(message: ToWorker<PortableOrder>): void {
    this.sent.push(message);
  }
  onMessage(listener: (message: FromWorker<ProgramFacts>) => void): void {
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

  say(message: FromWorker<ProgramFacts>): void {
    this.#listener(message);
  }
  loaded(model = 0): void {
    const facts = { nodes: {}, weightBytes: 1, deviceBytes: 1 };
    this.say({ type: "loaded", model, loaded: { signatures: {}, facts } });
  }
  unloaded(model: number, spareBytes = 0): void {
    this.say({ type: "unloaded", model, spareBytes });
  }
  answer(call: number, outputs: Record<string, Tensor> = {}): void {
    this.say({ type: "ran", call, outputs });
  }
  die(reason: string): void {
    if (this.ended) return;
    this.ended = true;
    this.#onEnd(reason);
  }

  /** The models that it was told to load. */
  get loads(): number[] {
    return this.sent.flatMap((message) => (message.type === "load" ? [message.model] : []));
  }
  /** The calls that it was sent. */
  get calls(): number[] {
    return this.sent.flatMap((message) => (message.type === "run" ? [message.call] : []));
  }
  /** The models of the calls that it was sent. */
  get callsOf(): number[] {
    return this.sent.flatMap((message) => (message.type === "run" ? [message.model] : []));
  }
}

/** Lets all that is ready to go on, go on. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const files: OpenFiles = {
  list: async () => [],
  read: async (name) => {
    if (name === "gone") throw new Error("no such file");
    return new Uint8Array(new ArrayBuffer(100), 10, 3);
  },
  async [Symbol.asyncDispose]() {},
};

/** What a pool is asked to load. */
export function openRequest(
  overrides: Partial<PortableRequest & Pick<PortableOrder, "timeoutMs">> = {},
): PortableRequest {
  const { signal } = new AbortController();
  const { timeoutMs = 1_000, ...others } = overrides;
  const order = { tags: [], optimize: {}, timeoutMs };
  return { files, signal, report: () => {}, order, ...others };
}

/** A pool on fake threads. */
export interface PoolStage {
  /** All threads that were started, in order. */
  readonly threads: FakeThread[];
  readonly clock: ManualClock;
  readonly pool: WorkerPool<PortableOrder, ProgramFacts>;
  /** The thread that was started as number `index`. */
  thread(index: number): FakeThread;
  /** Opens the next model; the threads that are there load it at once. */
  open(): Promise<PortableModel>;
}

/** Makes a {@link PoolStage} of one thread. */
export function poolStage(options: Partial<PoolOptions<PortableOrder, ProgramFacts>> = {}): PoolStage {
  const threads: FakeThread[] = [];
  const clock = manualClock();
  const start = (): FakeThread => {
    const thread = new FakeThread();
    threads.push(thread);
    return thread;
  };
  const pool = new WorkerPool({ threads: 1, maxQueuedCalls: 100, clock, start, ...options });
  let models = 0;
  return {
    threads,
    clock,
    pool,
    thread(index) {
      const thread = threads[index];
      if (thread === undefined) throw new Error(`no thread ${index} was started`);
      return thread;
    },
    async open() {
      const model = models++;
      const opening = pool.open(openRequest());
      // One thread after another is told to load while other models serve.
      for (let round = 0; round <= threads.length; round++) {
        for (const thread of threads) if (!thread.ended && thread.loads.includes(model)) thread.loaded(model);
        await turn();
      }
      return opening;
    },
  };
}
