// The file that a web worker runs.
import type { FromWorker, ToWorker } from "./protocol.js";
import { hostModels } from "./worker-host.js";

/** What is used of a web worker's own scope. */
interface Scope {
  postMessage(message: FromWorker, transfer: readonly ArrayBufferLike[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: ToWorker }) => void): void;
}

declare const self: Scope;

hostModels({
  send: (message, transfer = []) => self.postMessage(message, transfer),
  onMessage: (listener) => self.addEventListener("message", ({ data }) => listener(data)),
});
