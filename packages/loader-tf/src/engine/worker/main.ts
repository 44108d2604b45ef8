// The file that a worker thread of Node runs.
import { parentPort } from "node:worker_threads";
import type { FromWorker, ToWorker } from "./protocol.js";
import { hostModels } from "./worker-host.js";

const port = parentPort;
if (port === null) throw new Error("this file is run by a worker thread");
hostModels({
  send: (message: FromWorker, transfer = []) => port.postMessage(message, transfer as ArrayBuffer[]),
  onMessage: (listener: (message: ToWorker) => void) => port.on("message", listener),
});
