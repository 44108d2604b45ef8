import { type OpenFiles, ServingError, type Tensor } from "@servable/core";
import type { Call } from "../../portable/run/session.js";
import type { EngineModel, OpenRequest } from "../engine.js";
import type { FromWorker } from "./protocol.js";
import { copied } from "./tensors.js";
import { fromWire, toWire } from "./wire-error.js";
import type { WorkerThread } from "./worker-thread.js";

/** What the load gives. */
export type LoadedFacts = Pick<EngineModel, "signatures" | "facts">;

interface Pending<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** The owner's side of one worker with one model. */
export class ModelWorker {
  readonly #thread: WorkerThread;
  readonly #files: OpenFiles;
  readonly #calls = new Map<number, Pending<Record<string, Tensor>>>();
  readonly #ended: Promise<void>;
  #loading: Pending<LoadedFacts> | undefined;
  #report: OpenRequest["report"] = () => {};
  #next = 0;
  #closed = false;
  /** Why nothing can be asked of it any more. */
  #gone: ServingError | undefined;

  /** @param onDeath called if the thread goes without being asked to */
  constructor(thread: WorkerThread, files: OpenFiles, onDeath: () => void) {
    this.#thread = thread;
    this.#files = files;
    thread.onMessage((message) => this.#receive(message));
    this.#ended = new Promise((resolve) => {
      thread.onEnd((reason) => {
        this.#end(new ServingError("INTERNAL", `its worker thread died: ${reason}`, { retryable: true }));
        if (!this.#closed) onDeath();
        resolve();
      });
    });
  }

  /** Calls that it has and has not answered. */
  get inFlight(): number {
    return this.#calls.size;
  }

  /** Loads the model; once. */
  async load({ tags, optimize, wasmPath, signal, report }: OpenRequest): Promise<LoadedFacts> {
    signal.throwIfAborted();
    if (this.#gone !== undefined) throw this.#gone;
    const aborted = (): void => this.#fail(signal.reason);
    signal.addEventListener("abort", aborted, { once: true });
    this.#report = report;
    try {
      return await new Promise((resolve, reject) => {
        this.#loading = { resolve, reject };
        this.#thread.send({ type: "load", tags, optimize, ...(wasmPath !== undefined && { wasmPath }) });
      });
    } finally {
      signal.removeEventListener("abort", aborted);
      this.#loading = undefined;
      this.#settleDown();
    }
  }

  /** Runs a call; a thread that is busy runs it afterwards. */
  async run(call: Call): Promise<Record<string, Tensor>> {
    if (this.#gone !== undefined) throw this.#gone;
    const { tensors, transfer } = copied(call.inputs);
    const number = this.#next++;
    try {
      return await new Promise((resolve, reject) => {
        this.#calls.set(number, { resolve, reject });
        this.#thread.keepAlive(true);
        this.#thread.send({ type: "run", call: number, what: { ...call, inputs: tensors } }, transfer);
      });
    } finally {
      this.#calls.delete(number);
      this.#settleDown();
    }
  }

  /** Ends the thread, whatever it does; what waits for it fails. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#end(new ServingError("CANCELLED", "the model is unloaded"));
    await this.#thread.terminate();
    await this.#ended;
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case "read-file":
        void this.#readFile(message);
        return;
      case "load-progressed":
        this.#report(message.progress);
        return;
      case "loaded":
        this.#loading?.resolve({ signatures: message.signatures, facts: message.facts });
        return;
      case "load-failed":
        this.#loading?.reject(fromWire(message.error));
        return;
      case "ran":
        this.#calls.get(message.call)?.resolve(message.outputs);
        return;
      case "run-failed":
        this.#calls.get(message.call)?.reject(fromWire(message.error));
        return;
      default:
        message satisfies never;
    }
  }

  async #readFile({ request, name, range }: Extract<FromWorker, { type: "read-file" }>): Promise<void> {
    try {
      const bytes = await this.#files.read(name, range);
      // A view of a part would take its whole buffer along; and files may keep what they hand out, so it is not given.
      const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
      if (!this.#closed) this.#thread.send({ type: "file-read", request, bytes: own });
    } catch (error) {
      if (!this.#closed) this.#thread.send({ type: "file-failed", request, error: toWire(error) });
    }
  }

  #end(error: ServingError): void {
    this.#gone ??= error;
    this.#fail(error);
  }

  #fail(error: unknown): void {
    this.#loading?.reject(error);
    for (const call of this.#calls.values()) call.reject(error);
  }

  #settleDown(): void {
    if (this.#calls.size === 0 && this.#loading === undefined) this.#thread.keepAlive(false);
  }
}
