import { systemClock } from "@servable/core";
import type { OptimizeOptions } from "../portable/optimize/passes.js";
import type { Engine, EngineModel } from "./engine.js";
import { checkCount, type LimitOptions, resolveLimits } from "./limits.js";
import type { PortableHost, PortableModel, PortableOrder, ProgramFacts } from "./portable-host.js";
import { weightBytesIn } from "./weight-bytes.js";
import { pooledHost } from "./worker/pooled-host.js";
import type { WorkerThread } from "./worker/worker-thread.js";

/** Options of the portable engine. */
export interface PortableOptions extends LimitOptions {
  /**
   * Worker threads that all models of this `savedModel()` share, each with a copy of the weights; 0 runs on the calling
   * thread, which is blocked meanwhile. A thread that does not come to an end soon after a call's `timeoutMs` is
   * replaced. @defaultValue one less than the machine's cores, from 1 to 4; 0 where the runtime has no threads
   */
  readonly threads?: number;
  /**
   * The address of the folder that holds TensorFlow.js's `tfjs-backend-wasm*.wasm`, with a `/` at its end; in a page
   * where they do not lie beside the script. @defaultValue where TensorFlow.js looks by itself
   */
  readonly wasmPath?: string;
  /** What of the compiler to switch off, to find a fault. */
  readonly optimize?: OptimizeOptions;
}

/** What a runtime gives to the portable engine. */
export interface Platform {
  /** Processors that can work at the same time; 0 where there are no worker threads. */
  cores(): number;
  startWorker(): WorkerThread<PortableOrder, ProgramFacts>;
}

/**
 * What a thread takes before it holds a model: its heap, the code of the engine and the memory that the kernels start
 * with. Measured with Node 20: 40 to 45 MB.
 */
const THREAD_BYTES = 45e6;

/**
 * Our own compiler on TensorFlow.js's WASM kernels, in worker threads.
 * @throws ServingError INVALID_ARGUMENT for a bad option
 */
export function portableEngine(platform: Platform, options: PortableOptions): Engine {
  const { threads = defaultThreads(platform.cores()), optimize = {}, wasmPath } = options;
  checkCount("threads", threads, 0);
  const { maxQueuedCalls, timeoutMs } = resolveLimits(options);
  const start = (): ReturnType<Platform["startWorker"]> => platform.startWorker();
  const host =
    threads === 0 ? onThisThread : pooledHost({ threads, maxQueuedCalls, clock: systemClock, start }, THREAD_BYTES);
  return {
    // Each copy of the weights lies in JavaScript's memory and, once it has run, in that of the kernels.
    estimate: (files) => ({ memoryBytes: host.startBytes + 2 * host.copies * weightBytesIn(files) }),
    open: async (request) => {
      const { startBytes } = host;
      const { files, tags, signal, report } = request;
      const order = { tags, optimize, timeoutMs, ...(wasmPath !== undefined && { wasmPath }) };
      const model = await host.open({ files, signal, report, order });
      return described(model, { threads, copies: host.copies, memoryBytes: startBytes + host.copies * bytesOf(model) });
    },
  };
}

function defaultThreads(cores: number): number {
  return cores === 0 ? 0 : Math.min(Math.max(cores - 1, 1), 4);
}

/** The kernels are loaded on first use: with worker threads this thread has no need of them. */
const onThisThread: PortableHost = {
  copies: 1,
  startBytes: 0,
  open: async (request) => (await import("./inline-host.js")).openInline(request),
};

function bytesOf({ facts }: PortableModel): number {
  return facts.weightBytes + facts.deviceBytes;
}

interface Taken {
  readonly threads: number;
  readonly copies: number;
  readonly memoryBytes: number;
}

function described(model: PortableModel, { threads, copies, memoryBytes }: Taken): EngineModel {
  const { signatures, concurrency, facts } = model;
  return {
    signatures,
    concurrency,
    copies,
    resources: { memoryBytes },
    describe: () => ({ engine: "portable", threads, weightBytes: facts.weightBytes, nodes: facts.nodes }),
    run: (call, signal) => model.run(call, signal),
    close: () => model.close(),
  };
}
