// A rival that brings a TensorFlow.js of its own runs on a thread of its own, since two on one share their globals.
import { once } from "node:events";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { speed } from "./portable.mjs";

/**
 * Starts a module of this folder that gives a function from images and their shape to what the model makes of them
 * as `open(data)`; resolves once the model is loaded. Time is taken on the thread itself.
 */
export async function startRival(module, data) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { module, data } });
  const ask = async (request) => {
    worker.postMessage(request, []);
    const [answer] = await once(worker, "message");
    return answer;
  };
  await once(worker, "message");
  return {
    /** What the model makes of images, as a flat array. */
    run: (images, shape) => ask({ images, shape }),
    /** Calls a second. */
    speed: (images, shape, milliseconds) => ask({ images, shape, milliseconds }),
  };
}

if (!isMainThread && workerData?.module !== undefined) {
  const { open } = await import(new URL(workerData.module, import.meta.url));
  const call = await open(workerData.data);
  const answer = async ({ images, shape, milliseconds }) => {
    const found =
      milliseconds === undefined ? call(images, shape) : await speed(() => call(images, shape), milliseconds);
    parentPort.postMessage(found, []);
  };
  // A call that fails ends the thread, and with it the bench.
  parentPort.on("message", (question) => void answer(question));
  parentPort.postMessage("ready", []);
}
