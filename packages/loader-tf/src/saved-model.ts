import {
  type FileEntry,
  formatId,
  LONGEST_TIMER_MS,
  type LoadContext,
  type Loaded,
  type Loader,
  type ModelFiles,
  type OpenFiles,
  type Progress,
  type ResourceEstimate,
  ServingError,
  systemClock,
} from "@servable/core";
import { SAVED_MODEL_FILE, SavedModelError, SERVING_TAGS, VARIABLES_PREFIX } from "@servable/saved-model";
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
   * Worker threads that all models of this `savedModel()` share, each with a copy of the weights; 0 runs on the calling
   * thread, which is blocked meanwhile. @defaultValue one less than the machine's cores, from 1 to 4; 0 where the
   * runtime has no threads
   */
  readonly threads?: number;
  /** Calls per version that may wait for a thread; more fail at once. @defaultValue 1_024 */
  readonly maxQueuedCalls?: number;
  /**
   * How long a call may take from `predict` to the answer, in milliseconds; Infinity for no limit. A thread that does
   * not come to an end soon after is replaced. @defaultValue 60_000
   */
  readonly timeoutMs?: number;
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
  const { engine, threads, timeoutMs } = engineOf(options, platform);
  return (files) => ({
    estimateResources: async (context) => estimateOf(await filesListed(files, context), engine),
    load: async (context) => {
      const { id, signal } = context;
      const open = await files.open(context);
      try {
        const report = (progress: Progress): void => context.report(progress);
        const { startBytes } = engine;
        const model = await engine.open({
          files: open,
          tags,
          optimize,
          signal,
          report,
          timeoutMs,
          ...(wasmPath !== undefined && { wasmPath }),
        });
        const { weightBytes, deviceBytes } = model.facts;
        const memoryBytes = startBytes + engine.copies * (weightBytes + deviceBytes);
        return loadedModel(context, { model, open, threads, memoryBytes });
      } catch (error) {
        await open[Symbol.asyncDispose]();
        signal.throwIfAborted();
        throw named(error, id);
      }
    },
  });
}

/** Asks for the sizes without fetching the files where that can be done; what `open` has fetched, `load` finds again. */
async function filesListed(files: ModelFiles, context: LoadContext): Promise<readonly FileEntry[]> {
  if (files.list !== undefined) return files.list(context);
  await using open = await files.open(context);
  return open.list();
}

/**
 * What a model will take at most: each copy of the weights lies in JavaScript's memory and, once it has run, in that
 * of the kernels. Weights are in the checkpoint, or in the graph of a frozen model.
 */
function estimateOf(entries: readonly FileEntry[], { copies, startBytes }: Engine): ResourceEstimate {
  const holdsWeights = ({ name }: FileEntry): boolean =>
    name === SAVED_MODEL_FILE || name.startsWith(`${VARIABLES_PREFIX}.data-`);
  const weightBytes = entries.filter(holdsWeights).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { memoryBytes: startBytes + 2 * copies * weightBytes };
}

interface Chosen {
  readonly engine: Engine;
  readonly threads: number;
  readonly timeoutMs: number;
}

function engineOf(options: SavedModelOptions, platform: Platform): Chosen {
  const { engine = "portable", maxQueuedCalls = 1_024, timeoutMs = 60_000 } = options;
  const { threads = defaultThreads(platform.cores()) } = options;
  if (engine !== "portable") {
    throw new ServingError("INVALID_ARGUMENT", `there is no engine ${String(engine)}; this version has: portable`);
  }
  for (const [name, value] of Object.entries({ threads, maxQueuedCalls })) {
    if (Number.isSafeInteger(value) && value >= 0) continue;
    throw new ServingError("INVALID_ARGUMENT", `${name} must be an integer from 0 on, got ${value}`);
  }
  if (!(timeoutMs > 0 && (timeoutMs <= LONGEST_TIMER_MS || timeoutMs === Number.POSITIVE_INFINITY))) {
    const range = `Infinity, or more than 0 and at most ${LONGEST_TIMER_MS}`;
    throw new ServingError("INVALID_ARGUMENT", `timeoutMs must be ${range}, got ${timeoutMs}`);
  }
  if (threads === 0) return { engine: onThisThread, threads, timeoutMs };
  const pool = workerEngine({ threads, maxQueuedCalls, clock: systemClock, start: () => platform.startWorker() });
  return { engine: pool, threads, timeoutMs };
}

function defaultThreads(cores: number): number {
  return cores === 0 ? 0 : Math.min(Math.max(cores - 1, 1), 4);
}

/** The kernels are loaded on first use: with worker threads this thread has no need of them. */
const onThisThread: Engine = {
  copies: 1,
  startBytes: 0,
  open: async (request) => (await import("./engine/inline-engine.js")).openInline(request),
};

interface Parts {
  readonly model: EngineModel;
  readonly open: OpenFiles;
  readonly threads: number;
  readonly memoryBytes: number;
}

function loadedModel({ id }: LoadContext, { model, open, threads, memoryBytes }: Parts): Loaded<TfServable> {
  const { facts } = model;
  let disposed: Promise<void> | undefined;
  const dispose = async (): Promise<void> => {
    await model.close();
    await open[Symbol.asyncDispose]();
  };
  return {
    servable: tfServable(id, model),
    resources: { memoryBytes },
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
