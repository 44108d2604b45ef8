/** The built file that the thread of digests runs; it lies beside the built package. */
export const DIGEST_WORKER: URL = new URL("./digest-worker.js", import.meta.url);
