import { Worker } from "node:worker_threads";
import type { WorkerThread } from "./worker-thread.js";
import { WORKER_URL } from "./worker-url.js";

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
