/** The built file that a worker thread runs; it lies beside the built package. */
export const WORKER_URL: URL = new URL("./portable-worker.js", import.meta.url);
