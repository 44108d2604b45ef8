import type { PortableOrder, ProgramFacts } from "../portable-host.js";
import type { FromWorker, ToWorker } from "./protocol.js";
import type { WorkerThread } from "./worker-thread.js";

/** What is used of a page's Worker; the types of a page are not among those of Node. */
interface WebWorker {
  postMessage(message: ToWorker<PortableOrder>, transfer: readonly ArrayBufferLike[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: FromWorker<ProgramFacts> }) => void): void;
  addEventListener(type: "error" | "messageerror", listener: (event: { readonly message?: string }) => void): void;
  terminate(): void;
}

declare const Worker: new (url: URL, options: { readonly type: "module" }) => WebWorker;

/** Whether the runtime has workers as a page has them. */
export function hasWebWorkers(): boolean {
  return typeof Worker === "function";
}

/** Starts a web worker that can hold a model. */
export function startWebWorker(): WorkerThread<PortableOrder, ProgramFacts> {
  // Written like this, since bundlers look for these words to bring the worker along.
  const worker = new Worker(new URL("./portable-web-worker.js", import.meta.url), { type: "module" });
  const listeners: ((reason: string) => void)[] = [];
  let ended = false;
  // A page is not told of a worker's end: an error that nobody caught there is one, since no call can trust it after.
  const end = (reason: string): void => {
    if (ended) return;
    ended = true;
    worker.terminate();
    for (const listener of listeners) listener(reason);
  };
  worker.addEventListener("error", ({ message }) => end(message ?? "its script could not be run"));
  return {
    send: (message, transfer = []) => worker.postMessage(message, transfer),
    onMessage: (listener) => worker.addEventListener("message", ({ data }) => listener(data)),
    onEnd: (listener) => void listeners.push(listener),
    keepAlive: () => {},
    terminate: async () => end("it ended"),
  };
}
