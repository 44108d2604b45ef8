import { Worker } from "node:worker_threads";
import type { LoadOrder } from "../host.js";
import type { WorkerThread } from "./worker-thread.js";

/** Starts a thread of Node that can hold a model; it runs the script of its engine. */
export function startWorker<O extends LoadOrder, F>(script: URL): WorkerThread<O, F> {
  const worker = new Worker(script);
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
