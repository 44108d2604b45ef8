import { type Clock, type OpenFiles, ServingError } from "@servable/core";
import type { HostRequest, LoadOrder } from "../host.js";
import type { PendingCall } from "../pending-call.js";
import type { PoolModel } from "./pool-model.js";
import type { FromWorker, LoadedFacts } from "./protocol.js";
import { copied } from "./tensors.js";
import { fromWire, toWire } from "./wire-error.js";
import type { WorkerThread } from "./worker-thread.js";

/** A call that nobody waits for any more may still run for as long, in milliseconds. */
export const GRACE_MS = 5_000;

/** What the owner of a worker is told. */
export interface WorkerEvents<O extends LoadOrder> {
  /** It has become able to take a call. */
  readonly onRoom: () => void;
  /** Its thread went without being asked to; `model` is what it was working on. */
  readonly onDeath: (error: ServingError, model: PoolModel<O> | undefined) => void;
  /** It does not come to the end of a call that nobody waits for any more. */
  readonly onStuck: () => void;
}

/** A call that a worker has been sent. */
export interface SentCall<O extends LoadOrder> {
  readonly model: PoolModel<O>;
  readonly pending: PendingCall;
}

type Report = HostRequest<LoadOrder>["report"];

interface Held<F> {
  readonly loaded: Promise<LoadedFacts<F>>;
  readonly resolve: (facts: LoadedFacts<F>) => void;
  readonly reject: (error: unknown) => void;
  readonly report: Report;
  state: "loading" | "ready" | "failed";
}

/** The owner's side of one worker thread, which holds any number of models. It runs calls in their order. */
export class PoolWorker<O extends LoadOrder, F> {
  readonly #thread: WorkerThread<O, F>;
  readonly #clock: Clock;
  readonly #events: WorkerEvents<O>;
  readonly #held = new Map<PoolModel<O>, Held<F>>();
  readonly #dropping = new Map<number, (spareBytes: number) => void>();
  readonly #calls = new Map<number, SentCall<O>>();
  readonly #ended: Promise<void>;
  #next = 0;
  #closed = false;
  #gone: ServingError | undefined;
  /** The call that is given its time of grace, and how to stop that. */
  #watched: { readonly sent: SentCall<O>; readonly stop: () => void } | undefined;

  constructor(thread: WorkerThread<O, F>, clock: Clock, events: WorkerEvents<O>) {
    this.#thread = thread;
    this.#clock = clock;
    this.#events = events;
    thread.onMessage((message) => this.#receive(message));
    this.#ended = new Promise((resolve) => {
      thread.onEnd((reason) => {
        this.#died(reason);
        resolve();
      });
    });
  }

  /** Calls that it has and has not answered. */
  get inFlight(): number {
    return this.#calls.size;
  }

  /** Whether calls would have to wait for the load of a model. */
  get isLoading(): boolean {
    return [...this.#held.values()].some(({ state }) => state === "loading");
  }

  /** What it has of a model; undefined if it was never asked to load it. */
  stateOf(model: PoolModel<O>): Held<F>["state"] | undefined {
    return this.#held.get(model)?.state;
  }

  /**
   * Loads a model; all who ask wait for the same load.
   * @param report is told how far it has come by the load that this begins
   */
  load(model: PoolModel<O>, report: Report = () => {}): Promise<LoadedFacts<F>> {
    const known = this.#held.get(model);
    if (known !== undefined) return known.loaded;
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    const held = newHeld<F>(report);
    this.#held.set(model, held);
    this.#thread.keepAlive(true);
    this.#thread.send({ type: "load", model: model.number, order: model.request.order });
    return held.loaded;
  }

  /** Unloads a model; its calls fail. Gives the bytes that only the end of the thread would give back. */
  async drop(model: PoolModel<O>): Promise<number> {
    const unloaded = new ServingError("CANCELLED", "the model is unloaded");
    const state = this.stateOf(model);
    this.#held.get(model)?.reject(unloaded);
    this.#held.delete(model);
    for (const sent of this.#calls.values()) if (sent.model === model) sent.pending.giveUp(unloaded);
    if (this.#gone !== undefined || state === undefined || state === "failed") return 0;
    this.#thread.keepAlive(true);
    this.#thread.send({ type: "unload", model: model.number });
    return new Promise((resolve) => this.#dropping.set(model.number, resolve));
  }

  /** Runs a call of a model that is ready. */
  run(model: PoolModel<O>, pending: PendingCall): void {
    const call = this.#next++;
    try {
      const { tensors, transfer } = copied(pending.call.inputs);
      const what = { ...pending.call, inputs: tensors };
      this.#thread.send({ type: "run", model: model.number, call, what }, transfer);
    } catch (error) {
      pending.reject(error);
      return;
    }
    this.#calls.set(call, { model, pending });
    pending.onGivenUp = () => this.#watch();
    this.#thread.keepAlive(true);
  }

  /** Takes the calls away that somebody still waits for, to be run elsewhere. */
  takeBack(): readonly SentCall<O>[] {
    const sent = [...this.#calls.values()].filter(({ pending }) => !pending.settled);
    this.#calls.clear();
    this.#watch();
    return sent;
  }

  /** Ends the thread, whatever it does; what waits for it fails with `error`. */
  async close(error: ServingError): Promise<void> {
    this.#closed = true;
    this.#end(error);
    await this.#thread.terminate();
    await this.#ended;
  }

  #receive(message: FromWorker<F>): void {
    switch (message.type) {
      case "read-file":
        void this.#readFile(message);
        return;
      case "load-progressed":
        this.#heldBy(message.model)?.report(message.progress);
        return;
      case "loaded":
        this.#loaded(message.model, (held) => held.resolve(message.loaded), "ready");
        return;
      case "load-failed":
        this.#loaded(message.model, (held) => held.reject(fromWire(message.error)), "failed");
        return;
      case "unloaded":
        this.#dropping.get(message.model)?.(message.spareBytes);
        this.#dropping.delete(message.model);
        this.#settleDown();
        return;
      case "ran":
        this.#answered(message.call, (pending) => pending.resolve(message.outputs));
        return;
      case "run-failed":
        this.#answered(message.call, (pending) => pending.reject(fromWire(message.error)));
        return;
      default:
        message satisfies never;
    }
  }

  #loaded(model: number, settle: (held: Held<F>) => void, state: Held<F>["state"]): void {
    const held = this.#heldBy(model);
    if (held === undefined) return;
    held.state = state;
    settle(held);
    this.#settleDown();
    this.#events.onRoom();
  }

  #answered(call: number, settle: (pending: PendingCall) => void): void {
    const sent = this.#calls.get(call);
    if (sent === undefined) return;
    this.#calls.delete(call);
    sent.model.deaths = 0;
    settle(sent.pending);
    this.#watch();
    this.#settleDown();
    this.#events.onRoom();
  }

  async #readFile({ model, request, name, range }: Extract<FromWorker<F>, { type: "read-file" }>): Promise<void> {
    try {
      const bytes = await this.#filesOf(model).read(name, range);
      // A view of a part would take its whole buffer along; and files may keep what they hand out, so it is not given.
      const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
      if (this.#gone === undefined) this.#thread.send({ type: "file-read", request, bytes: own });
    } catch (error) {
      if (this.#gone === undefined) this.#thread.send({ type: "file-failed", request, error: toWire(error) });
    }
  }

  #filesOf(number: number): OpenFiles {
    for (const model of this.#held.keys()) if (model.number === number) return model.request.files;
    throw new ServingError("CANCELLED", "the model is unloaded");
  }

  #heldBy(number: number): Held<F> | undefined {
    for (const [model, held] of this.#held) if (model.number === number) return held;
    return undefined;
  }

  /** The call that it is at. Gives it a time of grace if nobody waits for it any more. */
  #watch(): void {
    const [running] = this.#calls.values();
    if (this.#watched !== undefined && this.#watched.sent !== running) {
      this.#watched.stop();
      this.#watched = undefined;
    }
    if (running === undefined || this.#watched !== undefined || !running.pending.settled) return;
    this.#watched = { sent: running, stop: this.#clock.schedule(this.#events.onStuck, GRACE_MS) };
  }

  #died(reason: string): void {
    const [running] = this.#calls.values();
    const loading = [...this.#held].find(([, { state }]) => state === "loading");
    const error = new ServingError("NOT_AVAILABLE", `its worker thread died: ${reason}; try again`);
    this.#end(error);
    if (!this.#closed) this.#events.onDeath(error, running?.model ?? loading?.[0]);
  }

  #end(error: ServingError): void {
    if (this.#gone !== undefined) return;
    this.#gone = error;
    for (const { pending } of this.#calls.values()) pending.reject(error);
    this.#calls.clear();
    this.#watch();
    for (const held of this.#held.values()) held.reject(error);
    this.#held.clear();
    for (const resolve of this.#dropping.values()) resolve(0);
    this.#dropping.clear();
  }

  #settleDown(): void {
    if (this.#calls.size + this.#dropping.size === 0 && !this.isLoading) this.#thread.keepAlive(false);
  }
}

function newHeld<F>(report: Report): Held<F> {
  let resolve: Held<F>["resolve"] = () => {};
  let reject: Held<F>["reject"] = () => {};
  const loaded = new Promise<LoadedFacts<F>>((onLoaded, onFailed) => {
    resolve = onLoaded;
    reject = onFailed;
  });
  // Whoever fills a worker may have stopped to look; those who wait are told all the same.
  loaded.catch(() => {});
  return { loaded, resolve, reject, report, state: "loading" };
}
