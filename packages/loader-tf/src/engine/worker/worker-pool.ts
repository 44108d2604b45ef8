import { type Clock, ServingError } from "@servable/core";
import type { Call } from "../../call.js";
import { CallQueue } from "../call-queue.js";
import type { HostedModel, HostRequest, LoadOrder } from "../host.js";
import type { Outputs } from "../pending-call.js";
import type { PoolModel } from "./pool-model.js";
import { PoolWorker } from "./pool-worker.js";
import type { LoadedFacts } from "./protocol.js";
import type { WorkerThread } from "./worker-thread.js";

/** How models and their calls are spread over threads. */
export interface PoolOptions<O extends LoadOrder, F> {
  /** Threads, each with its copy of the weights of every model. */
  readonly threads: number;
  /** Calls of one model that may wait for a thread. */
  readonly maxQueuedCalls: number;
  readonly clock: Clock;
  /** Starts a thread. */
  readonly start: () => WorkerThread<O, F>;
}

/** A thread is sent its next call while it runs one, so that it never waits for the way there and back. */
const IN_FLIGHT = 2;

/** Threads that die one after another over the same model, before it is given up. */
const MAX_DEATHS = 3;

/** Memory beyond the need of its models that makes a worker be replaced. */
export const MAX_SPARE_BYTES: number = 64 * 2 ** 20;

/** Unloads come in rows (one model's versions, a manager that closes); workers are replaced once after the last. */
export const RENEW_DELAY_MS = 1_000;

/**
 * Worker threads that hold any number of models together. They are started with the first model and ended with the
 * last. Every model is on every worker; a call goes to the one that has the fewest, and models take turns.
 */
export class WorkerPool<O extends LoadOrder, F> {
  readonly #options: PoolOptions<O, F>;
  readonly #models = new Set<PoolModel<O>>();
  /** Models with calls that wait, in the order of their turns. */
  readonly #waiting = new Set<PoolModel<O>>();
  readonly #workers = new Set<PoolWorker<O, F>>();
  /** Workers that end with the calls that they have. */
  readonly #retiring = new Set<PoolWorker<O, F>>();
  /** Workers that hold much memory for nothing. */
  readonly #spare = new Set<PoolWorker<O, F>>();
  #stopRenewal: (() => void) | undefined;
  /** Work that stops a worker or takes memory: one after another. */
  #turn: Promise<unknown> = Promise.resolve();
  #next = 0;

  constructor(options: PoolOptions<O, F>) {
    this.#options = options;
  }

  /** Threads that the next model would start. */
  get missing(): number {
    return this.#options.threads - this.#workers.size;
  }

  /**
   * Loads a model on every worker: on one after another while others are called, so that these go on.
   * @throws the reason of `request.signal` when it aborts
   */
  async open(request: HostRequest<O>): Promise<HostedModel<F>> {
    const { threads, maxQueuedCalls } = this.#options;
    const queue = new CallQueue(maxQueuedCalls);
    const state = { serving: false, closed: false, deaths: 0, broken: undefined };
    const model: PoolModel<O> = { number: this.#next++, request, queue, ...state };
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => (closing ??= this.#close(model));
    request.signal.throwIfAborted();
    this.#models.add(model);
    const abort = (): void => void close();
    request.signal.addEventListener("abort", abort, { once: true });
    try {
      while (this.missing > 0) this.#addWorker();
      const loaded = await this.#loadEverywhere(model);
      model.serving = true;
      const run = (call: Call, signal?: AbortSignal): Promise<Outputs> => this.#run(model, call, signal);
      return { ...loaded, concurrency: threads * IN_FLIGHT, run, close };
    } catch (error) {
      await close();
      request.signal.throwIfAborted();
      throw error;
    } finally {
      request.signal.removeEventListener("abort", abort);
    }
  }

  async #loadEverywhere(model: PoolModel<O>): Promise<LoadedFacts<F>> {
    const done = new Set<PoolWorker<O, F>>();
    let facts: LoadedFacts<F> | undefined;
    const loadOn = async (worker: PoolWorker<O, F>): Promise<void> => {
      done.add(worker);
      if (model.closed) throw unloaded();
      try {
        facts = await worker.load(model, done.size === 1 ? model.request.report : undefined);
      } catch (error) {
        // One that was ended for the sake of another model has been replaced.
        if (error !== REPLACED) throw error;
      }
    };
    for (;;) {
      const lacking = [...this.#workers].filter((worker) => !done.has(worker));
      const [next] = lacking;
      if (next === undefined) break;
      if (this.#isServing) await this.#inTurn(() => loadOn(next));
      else await Promise.all(lacking.map(loadOn));
    }
    if (facts === undefined) throw new ServingError("NOT_AVAILABLE", "its workers went while it was loaded; try again");
    return facts;
  }

  get #isServing(): boolean {
    return [...this.#models].some(({ serving }) => serving);
  }

  async #close(model: PoolModel<O>): Promise<void> {
    model.closed = true;
    this.#models.delete(model);
    model.queue.fail(unloaded());
    const workers = [...this.#workers, ...this.#retiring];
    if (this.#models.size === 0) {
      this.#workers.clear();
      this.#retiring.clear();
      this.#spare.clear();
      this.#stopRenewal?.();
      await Promise.all(workers.map((worker) => worker.close(unloaded())));
      return;
    }
    await Promise.all(
      workers.map(async (worker) => {
        if ((await worker.drop(model)) > MAX_SPARE_BYTES && this.#workers.has(worker)) this.#spare.add(worker);
      }),
    );
    if (this.#spare.size > 0) this.#renewLater();
  }

  async #run(model: PoolModel<O>, call: Call, signal: AbortSignal | undefined): Promise<Outputs> {
    if (model.closed) throw unloaded();
    if (model.broken !== undefined) throw model.broken;
    const { timeoutMs } = model.request.order;
    const { answer } = model.queue.add(call, { signal, timeoutMs, clock: this.#options.clock });
    this.#waiting.add(model);
    this.#dispatch();
    return answer;
  }

  #dispatch(): void {
    for (let blocked = 0; blocked < this.#waiting.size; ) {
      const [model] = this.#waiting;
      if (model === undefined) return;
      this.#waiting.delete(model);
      if (model.queue.isEmpty) continue;
      this.#waiting.add(model);
      const worker = this.#leastBusy(model);
      const pending = worker && model.queue.next();
      if (pending === undefined) blocked++;
      else {
        worker?.run(model, pending);
        blocked = 0;
      }
    }
  }

  /** The worker to send a call to. One that loads a model meanwhile would keep it waiting. */
  #leastBusy(model: PoolModel<O>): PoolWorker<O, F> | undefined {
    const ready = [...this.#workers].filter((worker) => worker.stateOf(model) === "ready");
    const prompt = ready.filter((worker) => !worker.isLoading);
    let best: PoolWorker<O, F> | undefined;
    for (const worker of prompt.length > 0 ? prompt : ready) {
      if (worker.inFlight < (best?.inFlight ?? IN_FLIGHT)) best = worker;
    }
    return best;
  }

  #addWorker(): PoolWorker<O, F> {
    const { start, clock } = this.#options;
    const worker: PoolWorker<O, F> = new PoolWorker(start(), clock, {
      onRoom: () => this.#hasRoom(worker),
      onDeath: (error, model) => this.#died(worker, error, model),
      onStuck: () => this.#replaceStuck(worker),
    });
    this.#workers.add(worker);
    return worker;
  }

  #hasRoom(worker: PoolWorker<O, F>): void {
    this.#dispatch();
    if (worker.inFlight > 0 || !this.#retiring.delete(worker)) return;
    void worker.close(REPLACED);
  }

  #died(worker: PoolWorker<O, F>, error: ServingError, model: PoolModel<O> | undefined): void {
    if (model !== undefined && ++model.deaths >= MAX_DEATHS) giveUp(model, error);
    this.#retiring.delete(worker);
    if (this.#workers.delete(worker)) this.#replace();
  }

  #replaceStuck(worker: PoolWorker<O, F>): void {
    this.#retiring.delete(worker);
    const isLive = this.#workers.delete(worker);
    for (const { model, pending } of worker.takeBack().toReversed()) {
      model.queue.putBack(pending);
      this.#waiting.add(model);
    }
    void worker.close(REPLACED);
    if (isLive) this.#replace();
    this.#dispatch();
  }

  /** Starts a worker in the place of one that went. A model that is being loaded for the first time is not worth it. */
  #replace(): void {
    if (this.missing <= 0 || !this.#isServing) return;
    try {
      void this.#fill(this.#addWorker());
    } catch (error) {
      for (const model of this.#models) this.#lost(model, error);
    }
  }

  /** Brings all models onto a new worker. */
  async #fill(worker: PoolWorker<O, F>): Promise<void> {
    while (this.#workers.has(worker)) {
      const next = [...this.#models].find((each) => !each.broken && worker.stateOf(each) === undefined);
      if (next === undefined) return;
      try {
        await worker.load(next);
      } catch (error) {
        this.#lost(next, error);
      }
    }
  }

  /** A model that could not be loaded again is given up when no worker has it or may still get it. */
  #lost(model: PoolModel<O>, error: unknown): void {
    const hasHope = [...this.#workers].some((worker) => worker.stateOf(model) !== "failed");
    if (model.serving && !hasHope) giveUp(model, error);
  }

  #renewLater(): void {
    this.#stopRenewal?.();
    this.#stopRenewal = this.#options.clock.schedule(() => {
      this.#stopRenewal = undefined;
      const workers = [...this.#spare];
      this.#spare.clear();
      for (const worker of workers) void this.#inTurn(() => this.#renew(worker));
    }, RENEW_DELAY_MS);
  }

  /** Replaces a worker to get its memory back; the new one has all models before the old one takes no more calls. */
  async #renew(old: PoolWorker<O, F>): Promise<void> {
    if (!this.#workers.has(old) || this.#models.size === 0) return;
    const fresh = this.#addWorker();
    await this.#fill(fresh);
    const isComplete = [...this.#models].every((model) => !model.serving || fresh.stateOf(model) === "ready");
    const leaving = isComplete ? old : fresh;
    if (this.missing >= 0 || !this.#workers.delete(leaving)) return;
    this.#retiring.add(leaving);
    this.#hasRoom(leaving);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

/** Why what an ended worker was still asked for fails; calls are taken from it before. */
const REPLACED: ServingError = new ServingError("NOT_AVAILABLE", "its worker is being replaced; try again");

function unloaded(): ServingError {
  return new ServingError("CANCELLED", "the model is unloaded");
}

function giveUp(model: PoolModel<LoadOrder>, cause: unknown): void {
  const message = "its worker threads died and could not be replaced; load it again";
  model.broken ??= new ServingError("INTERNAL", message, { cause });
  model.queue.fail(model.broken);
}
