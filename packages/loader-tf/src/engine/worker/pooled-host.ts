import type { LoadOrder, ModelHost } from "../host.js";
import { type PoolOptions, WorkerPool } from "./worker-pool.js";

/**
 * Runs models in a pool of worker threads, which they share.
 * @param threadBytes what a thread takes before it holds a model
 */
export function pooledHost<O extends LoadOrder, F>(options: PoolOptions<O, F>, threadBytes: number): ModelHost<O, F> {
  const pool = new WorkerPool(options);
  return {
    copies: options.threads,
    get startBytes() {
      return pool.missing * threadBytes;
    },
    open: (request) => pool.open(request),
  };
}
