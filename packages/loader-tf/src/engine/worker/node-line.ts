import { parentPort } from "node:worker_threads";
import type { LoadOrder } from "../host.js";
import type { FromWorker, Line, ToWorker } from "./protocol.js";

/** The line of a worker thread of Node to its owner. */
export function nodeLine<O extends LoadOrder, F>(): Line<ToWorker<O>, FromWorker<F>> {
  const port = parentPort;
  if (port === null) throw new Error("this file is run by a worker thread");
  return {
    send: (message, transfer = []) => port.postMessage(message, transfer as ArrayBuffer[]),
    onMessage: (listener) => port.on("message", listener),
  };
}
