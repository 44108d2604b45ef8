/** The built file that a worker thread of the portable engine runs; it lies beside the built package. */
export const PORTABLE_WORKER: URL = new URL("./portable-worker.js", import.meta.url);

/** As {@link PORTABLE_WORKER}, for the engine tfjs-node. */
export const TFJS_NODE_WORKER: URL = new URL("./tfjs-node-worker.js", import.meta.url);
