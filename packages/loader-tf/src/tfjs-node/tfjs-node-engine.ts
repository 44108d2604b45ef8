import { systemClock } from "@servable/core";
import type { Engine, EngineModel } from "../engine/engine.js";
import type { HostedModel, ModelHost } from "../engine/host.js";
import { checkCount, type LimitOptions, resolveLimits } from "../engine/limits.js";
import { weightBytesIn } from "../engine/weight-bytes.js";
import { startWorker } from "../engine/worker/node-worker.js";
import { pooledHost } from "../engine/worker/pooled-host.js";
import type { WorkerThread } from "../engine/worker/worker-thread.js";
import { TFJS_NODE_WORKER } from "../engine/worker/worker-url.js";
import { type LocalFolder, localFolder } from "../native/local-files.js";
import { chosenFolder } from "./addon.js";
import { type AddonFacts, type AddonOrder, openSession } from "./addon-session.js";

/** Options of the engine `tfjs-node`. */
export interface TfjsNodeOptions {
  /** The folder of the package. @defaultValue where `@tensorflow/tfjs-node-gpu` or `@tensorflow/tfjs-node` is found */
  readonly package?: string;
  /**
   * Worker threads that all models of this `savedModel()` share, each with a copy of the weights; a call spreads over
   * processors by itself. 0 runs on the calling thread, which is blocked meanwhile. @defaultValue 1
   */
  readonly threads?: number;
}

/** What a thread takes before it holds a model, beside TensorFlow's code, which all share. */
const THREAD_BYTES = 20e6;

type AddonThread = WorkerThread<AddonOrder, AddonFacts>;

/**
 * TensorFlow as the addon of tfjs-node has it, in a worker thread.
 * @throws ServingError INVALID_ARGUMENT for a bad option
 */
export function tfjsNodeEngine(
  options: TfjsNodeOptions,
  limitOptions: LimitOptions,
  start: () => AddonThread = () => startWorker(TFJS_NODE_WORKER),
): Engine {
  const { threads = 1 } = options;
  checkCount("tfjsNode.threads", threads, 0);
  const { maxQueuedCalls, timeoutMs } = resolveLimits(limitOptions);
  const host =
    threads === 0 ? onThisThread : pooledHost({ threads, maxQueuedCalls, clock: systemClock, start }, THREAD_BYTES);
  return {
    // While it loads, TensorFlow has what it reads and what it makes of it.
    estimate: (files) => ({ memoryBytes: host.startBytes + 2 * host.copies * weightBytesIn(files) }),
    open: async ({ files, tags, signal, report }) => {
      const order = { tags, timeoutMs, package: chosenFolder(options.package) };
      const memoryBytes = host.startBytes + host.copies * weightBytesIn(await files.list());
      const folder = await localFolder(files, { signal, report });
      try {
        report({ stage: "load" });
        const model = await host.open({ files, signal, report, order: { ...order, folder: folder.path } });
        return described(model, { threads, copies: host.copies, memoryBytes, folder, package: order.package });
      } catch (error) {
        await folder[Symbol.asyncDispose]();
        throw error;
      }
    },
  };
}

const onThisThread: ModelHost<AddonOrder, AddonFacts> = { copies: 1, startBytes: 0, open: openSession };

interface Around {
  readonly threads: number;
  readonly copies: number;
  readonly memoryBytes: number;
  readonly folder: LocalFolder;
  readonly package: string;
}

function described(
  model: HostedModel<AddonFacts>,
  { threads, copies, memoryBytes, folder, ...where }: Around,
): EngineModel {
  const { signatures, concurrency, facts } = model;
  return {
    signatures,
    concurrency,
    copies,
    resources: { memoryBytes },
    describe: () => ({ engine: "tfjs-node", threads, ...facts, ...where }),
    run: (call, signal) => model.run(call, signal),
    close: async () => {
      try {
        await model.close();
      } finally {
        await folder[Symbol.asyncDispose]();
      }
    },
  };
}
