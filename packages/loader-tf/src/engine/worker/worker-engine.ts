import { ServingError, type Tensor } from "@servable/core";
import type { Call } from "../../portable/run/session.js";
import type { Engine, EngineModel, OpenRequest } from "../engine.js";
import { CallQueue } from "./call-queue.js";
import { type LoadedFacts, ModelWorker } from "./model-worker.js";
import type { WorkerThread } from "./worker-thread.js";

/** How calls are spread over threads. */
export interface WorkerOptions {
  /** Threads per model version, each with its copy of the weights. */
  readonly threads: number;
  /** Calls that may wait for a thread. */
  readonly maxQueuedCalls: number;
  /** Starts a thread. */
  readonly start: () => WorkerThread;
}

/** A thread is sent its next call while it runs one, so that it never waits for the way there and back. */
const IN_FLIGHT = 2;

/** Runs models in worker threads of their own: a thread that goes takes nothing but its model along. */
export function workerEngine(options: WorkerOptions): Engine {
  return async (request) => {
    const model = new WorkerModel(request, options);
    try {
      return await model.open();
    } catch (error) {
      await model.close();
      throw error;
    }
  };
}

class WorkerModel {
  readonly #request: OpenRequest;
  readonly #options: WorkerOptions;
  readonly #workers = new Set<ModelWorker>();
  readonly #queue: CallQueue<Record<string, Tensor>>;
  /** Workers that can take calls. */
  readonly #ready = new Set<ModelWorker>();
  #closed = false;
  /** Why no thread can take calls any more. */
  #broken: ServingError | undefined;

  constructor(request: OpenRequest, options: WorkerOptions) {
    this.#request = request;
    this.#options = options;
    this.#queue = new CallQueue(options.maxQueuedCalls);
  }

  async open(): Promise<EngineModel> {
    const { threads } = this.#options;
    const [facts] = await Promise.all(Array.from({ length: threads }, () => this.#addWorker(this.#request)));
    if (facts === undefined) throw new ServingError("INTERNAL", "an engine needs a thread");
    return {
      ...facts,
      copies: threads,
      concurrency: threads * IN_FLIGHT,
      run: (call, signal) => this.#run(call, signal),
      close: () => this.close(),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#queue.fail(new ServingError("CANCELLED", "the model is unloaded"));
    await Promise.all([...this.#workers].map((worker) => worker.close()));
  }

  async #addWorker(request: OpenRequest): Promise<LoadedFacts> {
    const worker: ModelWorker = new ModelWorker(this.#options.start(), request.files, () => this.#replace(worker));
    this.#workers.add(worker);
    const facts = await worker.load(request);
    this.#ready.add(worker);
    this.#dispatch();
    return facts;
  }

  /** Loads the model again in the place of a worker that died while it served. */
  #replace(dead: ModelWorker): void {
    this.#workers.delete(dead);
    const served = this.#ready.delete(dead);
    // One that died while it loaded would do so again.
    if (this.#closed || !served) return;
    const request = { ...this.#request, signal: new AbortController().signal, report: () => {} };
    this.#addWorker(request).catch((error: unknown) => {
      if (this.#ready.size > 0 || this.#closed) return;
      this.#broken = new ServingError("INTERNAL", "its worker threads died and could not be replaced; load it again", {
        cause: error,
      });
      this.#queue.fail(this.#broken);
    });
  }

  async #run(call: Call, signal: AbortSignal | undefined): Promise<Record<string, Tensor>> {
    if (this.#closed) throw new ServingError("CANCELLED", "the model is unloaded");
    if (this.#broken !== undefined) throw this.#broken;
    const answer = this.#queue.add(call, signal);
    this.#dispatch();
    return answer;
  }

  #dispatch(): void {
    for (;;) {
      const worker = this.#leastBusy();
      if (worker === undefined) return;
      const waiting = this.#queue.next();
      if (waiting === undefined) return;
      worker
        .run(waiting.call)
        .then(waiting.resolve, waiting.reject)
        .finally(() => this.#dispatch());
    }
  }

  #leastBusy(): ModelWorker | undefined {
    let best: ModelWorker | undefined;
    for (const worker of this.#ready) {
      if (worker.inFlight < (best?.inFlight ?? IN_FLIGHT)) best = worker;
    }
    return best;
  }
}
