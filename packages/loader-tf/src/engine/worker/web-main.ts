// The file that a web worker runs.
import type { PortableOrder, ProgramFacts } from "../portable-host.js";
import { portableThread } from "./portable-thread.js";
import type { FromWorker, ToWorker } from "./protocol.js";
import { hostModels } from "./worker-host.js";

/** What is used of a web worker's own scope. */
interface Scope {
  postMessage(message: FromWorker<ProgramFacts>, transfer: readonly ArrayBufferLike[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: ToWorker<PortableOrder> }) => void): void;
}

declare const self: Scope;

hostModels(
  {
    send: (message, transfer = []) => self.postMessage(message, transfer),
    onMessage: (listener) => self.addEventListener("message", ({ data }) => listener(data)),
  },
  portableThread(),
);
