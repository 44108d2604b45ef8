import { Worker } from "node:worker_threads";
import type { FromWorker, Line, ToWorker } from "./protocol.js";
import { WORKER_URL } from "./worker-url.js";

/** A worker thread, as its owner holds it. */
export interface WorkerThread extends Line<FromWorker, ToWorker> {
  /** Called once when the thread is gone, with the reason where it was not asked to go. */
  onEnd(listener: (reason: string) => void): void;
  /** Whether the process stays alive for it. */
  keepAlive(wanted: boolean): void;
  terminate(): Promise<void>;
}

/** Starts a thread of Node that can hold a model. */
export function startWorker(): WorkerThread {
  const worker = new Worker(WORKER_URL);
  let reason = "it ended";
  worker.on("error", (error: unknown) => {
    reason = error instanceof Error ? error.message : String(error);
  });
  return {
    send: (message, transfer = []) => worker.postMessage(message, transfer as ArrayBuffer[]),
    onMessage: (listener) => worker.on("message", listener),
    onEnd: (listener) => worker.on("exit", () => listener(reason)),
    keepAlive: (wanted) => (wanted ? worker.ref() : worker.unref()),
    terminate: async () => void (await worker.terminate()),
  };
}
