import {
  formatId,
  type LoadContext,
  type Loaded,
  type Loader,
  type ModelFiles,
  type OpenFiles,
  type Progress,
  ServingError,
} from "@servable/core";
import { SavedModelError, SERVING_TAGS } from "@servable/saved-model";
import type { Engine, EngineModel } from "./engine/engine.js";
import { workerEngine } from "./engine/worker/worker-engine.js";
import type { WorkerThread } from "./engine/worker/worker-thread.js";
import type { OptimizeOptions } from "./portable/optimize/passes.js";
import { type TfServable, tfServable } from "./tf-servable.js";

/** Options of {@link savedModel}. */
export interface SavedModelOptions {
  /** What runs the models. @defaultValue "portable" */
  readonly engine?: "portable";
  /** Tags of the graph to load. @defaultValue ["serve"] */
  readonly tags?: readonly string[];
  /**
   * Worker threads per version, each with a copy of the weights; 0 runs on the calling thread, which is blocked
   * meanwhile. @defaultValue one less than the machine's cores, from 1 to 4; 0 where the runtime has no threads
   */
  readonly threads?: number;
  /** Calls per version that may wait for a thread; more fail at once. @defaultValue 1_024 */
  readonly maxQueuedCalls?: number;
  /**
   * The address of the folder that holds TensorFlow.js's `tfjs-backend-wasm*.wasm`, with a `/` at its end; in a page
   * where they do not lie beside the script. @defaultValue where TensorFlow.js looks by itself
   */
  readonly wasmPath?: string;
  /** What of the compiler to switch off, to find a fault. */
  readonly optimize?: OptimizeOptions;
}

/** Makes a loader of a SavedModel out of its files. */
export type SavedModelLoader = (files: ModelFiles) => Loader<TfServable>;

/** What a runtime gives to the engines. */
export interface Platform {
  /** Processors that can work at the same time; 0 where there are no worker threads. */
  cores(): number;
  startWorker(): WorkerThread;
}

/**
 * {@link SavedModelLoader} on a platform.
 * @throws ServingError INVALID_ARGUMENT for a bad option
 */
export function savedModelOn(platform: Platform, options: SavedModelOptions): SavedModelLoader {
  const { tags = SERVING_TAGS, optimize = {}, wasmPath } = options;
  const { engine, threads } = engineOf(options, platform);
  return (files) => ({
    load: async (context) => {
      const { id, signal } = context;
      const open = await files.open(context);
      try {
        const report = (progress: Progress): void => context.report(progress);
        const model = await engine({
          files: open,
          tags,
          optimize,
          signal,
          report,
          ...(wasmPath !== undefined && { wasmPath }),
        });
        return loadedModel(context, { model, open, threads });
      } catch (error) {
        await open[Symbol.asyncDispose]();
        signal.throwIfAborted();
        throw named(error, id);
      }
    },
  });
}

interface Chosen {
  readonly engine: Engine;
  readonly threads: number;
}

function engineOf(options: SavedModelOptions, platform: Platform): Chosen {
  const { engine = "portable", maxQueuedCalls = 1_024 } = options;
  const { threads = defaultThreads(platform.cores()) } = options;
  if (engine !== "portable") {
    throw new ServingError("INVALID_ARGUMENT", `there is no engine ${String(engine)}; this version has: portable`);
  }
  for (const [name, value] of Object.entries({ threads, maxQueuedCalls })) {
    if (Number.isSafeInteger(value) && value >= 0) continue;
    throw new ServingError("INVALID_ARGUMENT", `${name} must be an integer from 0 on, got ${value}`);
  }
  if (threads === 0) return { engine: onThisThread, threads };
  return { engine: workerEngine({ threads, maxQueuedCalls, start: () => platform.startWorker() }), threads };
}

function defaultThreads(cores: number): number {
  return cores === 0 ? 0 : Math.min(Math.max(cores - 1, 1), 4);
}

/** The kernels are loaded on first use: with worker threads this thread has no need of them. */
const onThisThread: Engine = async (request) => (await import("./engine/inline-engine.js")).inlineEngine(request);

interface Parts {
  readonly model: EngineModel;
  readonly open: OpenFiles;
  readonly threads: number;
}

function loadedModel({ id }: LoadContext, { model, open, threads }: Parts): Loaded<TfServable> {
  const { copies, facts } = model;
  let disposed: Promise<void> | undefined;
  const dispose = async (): Promise<void> => {
    await model.close();
    await open[Symbol.asyncDispose]();
  };
  return {
    servable: tfServable(id, model),
    // A copy lies in JavaScript's memory and, once it has run, in that of the kernels.
    resources: { memoryBytes: 2 * copies * facts.weightBytes },
    describe: () => ({ engine: "portable", threads, weightBytes: facts.weightBytes, nodes: facts.nodes }),
    [Symbol.asyncDispose]: () => (disposed ??= dispose()),
  };
}

function named(error: unknown, id: LoadContext["id"]): unknown {
  if (error instanceof SavedModelError || ServingError.is(error)) {
    return new ServingError(error.code, `${formatId(id)}: ${error.message}`, { cause: error });
  }
  return error;
}
