import type { Engine } from "../engine.js";
import { type PoolOptions, WorkerPool } from "./worker-pool.js";

/**
 * What a thread takes before it holds a model: its heap, the code of the engine and the memory that the kernels start
 * with. Measured with Node 20: 40 to 45 MB.
 */
const THREAD_BYTES = 45e6;

/** Runs models in a pool of worker threads, which they share. */
export function workerEngine(options: PoolOptions): Engine {
  const pool = new WorkerPool(options);
  return {
    copies: options.threads,
    get startBytes() {
      return pool.missing * THREAD_BYTES;
    },
    open: (request) => pool.open(request),
  };
}
