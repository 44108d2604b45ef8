import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { digestFile } from "./digest-file.js";
import type { DigestOrder, DigestReply } from "./digest-worker.js";
import type { DigestAlgorithm } from "./expected-digest.js";
import { DIGEST_WORKER } from "./worker-url.js";

/** Smaller files are summed up where they are: a thread costs more. */
export const LARGE_BYTES: number = 4 * 2 ** 20;

/** A file to be summed up. */
export interface DigestedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly algorithm: DigestAlgorithm;
}

/** Sums up files, large ones on a thread of its own, so that neither downloads nor requests wait for it. */
export interface DigestThread extends AsyncDisposable {
  /** @throws what the file system throws; the reason of the signal */
  digest(file: DigestedFile, signal: AbortSignal): Promise<string>;
}

/** Makes a {@link DigestThread}; the thread starts with the first large file, and ends on disposal. */
export function digestThread(): DigestThread {
  let worker: Worker | undefined;
  let orders: Promise<unknown> = Promise.resolve();
  const onThread = async (order: DigestOrder, signal: AbortSignal): Promise<DigestReply> => {
    worker ??= new Worker(DIGEST_WORKER);
    // Fails with what a thread fails with that cannot start.
    const reply = once(worker, "message", { signal }) as Promise<[DigestReply]>;
    worker.postMessage(order, []);
    return (await reply)[0];
  };
  return {
    async digest({ path, sizeBytes, algorithm }, signal) {
      if (sizeBytes < LARGE_BYTES) return digestFile(path, algorithm, signal);
      const order = orders.then(() => {
        signal.throwIfAborted();
        return onThread({ path, algorithm }, signal);
      });
      orders = order.catch(() => {});
      const found = await order.catch(() => undefined);
      signal.throwIfAborted();
      // What goes wrong over there, if only for want of threads, is done or told here.
      return found?.digest ?? digestFile(path, algorithm, signal);
    },
    async [Symbol.asyncDispose]() {
      await worker?.terminate();
    },
  };
}
