import { ServingError } from "@servable/core";
import { ConfigProto, OptimizerOptions_GlobalJitLevel, RunOptions, RunOptions_TraceLevel } from "@servable/tf-proto";
import { checkCount } from "../engine/limits.js";

/** How TensorFlow uses GPUs. */
export interface GpuOptions {
  /** The share of each GPU's memory that TensorFlow may take, more than 0 and at most 1. @defaultValue all of it */
  readonly memoryFraction?: number;
  /** Takes memory as it is needed, rather than all of it at once. @defaultValue false */
  readonly allowGrowth?: boolean;
  /** Numbers of the GPUs that may be used; none with an empty list. @defaultValue all */
  readonly visibleDevices?: readonly number[];
}

/** How TensorFlow runs models. All sessions of a process share its thread pools and devices: the first model decides. */
export interface SessionOptions {
  /** Threads that a single operation is spread over. @defaultValue one for each processor */
  readonly intraOpThreads?: number;
  /**
   * Threads that the operations of a call are spread over. With 0 each call stays on one thread of libuv's pool, which
   * costs least; a call that exceeds `timeoutMs` then fails, yet runs on to its end, where with threads of its own
   * TensorFlow stops it. @defaultValue 0
   */
  readonly interOpThreads?: number;
  /** How eagerly XLA compiles parts of the graph: 0 not at all, 1 or 2. @defaultValue as TensorFlow does */
  readonly xlaLevel?: 0 | 1 | 2;
  /** Whether an operation may run elsewhere than the graph says, where that device is not there. @defaultValue true */
  readonly softPlacement?: boolean;
  readonly gpu?: GpuOptions;
}

/** @throws ServingError INVALID_ARGUMENT for an option that is out of range */
export function checkSessionOptions(options: SessionOptions): void {
  const { intraOpThreads = 1, interOpThreads = 0, xlaLevel = 0, gpu = {} } = options;
  checkCount("native.intraOpThreads", intraOpThreads, 1);
  checkCount("native.interOpThreads", interOpThreads, 0);
  const { memoryFraction = 1, visibleDevices = [] } = gpu;
  if (![0, 1, 2].includes(xlaLevel)) {
    throw new ServingError("INVALID_ARGUMENT", `native.xlaLevel must be 0, 1 or 2, got ${xlaLevel}`);
  }
  if (!(memoryFraction > 0 && memoryFraction <= 1)) {
    const range = "more than 0 and at most 1";
    throw new ServingError("INVALID_ARGUMENT", `native.gpu.memoryFraction must be ${range}, got ${memoryFraction}`);
  }
  for (const device of visibleDevices) checkCount("native.gpu.visibleDevices", device, 0);
}

/** A serialised ConfigProto. */
export function configOf(options: SessionOptions): Uint8Array {
  const { intraOpThreads = 0, interOpThreads = 0, xlaLevel, softPlacement = true, gpu } = options;
  return ConfigProto.encode({
    intraOpParallelismThreads: intraOpThreads,
    // Negative means the caller's thread; 0 would be TensorFlow's own number.
    interOpParallelismThreads: interOpThreads === 0 ? -1 : interOpThreads,
    gpuOptions: gpu && {
      perProcessGpuMemoryFraction: gpu.memoryFraction ?? 0,
      allowGrowth: gpu.allowGrowth ?? false,
      // An empty list would be all of them.
      visibleDeviceList: gpu.visibleDevices?.length === 0 ? "-1" : (gpu.visibleDevices ?? []).join(),
    },
    allowSoftPlacement: softPlacement,
    graphOptions:
      xlaLevel === undefined
        ? undefined
        : { optimizerOptions: { globalJitLevel: JIT_LEVELS[xlaLevel], cpuGlobalJit: xlaLevel > 0 } },
    // Threads that look for work all the time would take the processors from this thread and from other calls.
    experimental: { disableThreadSpinning: true },
  }).finish();
}

const JIT_LEVELS = {
  0: OptimizerOptions_GlobalJitLevel.OFF,
  1: OptimizerOptions_GlobalJitLevel.ON_1,
  2: OptimizerOptions_GlobalJitLevel.ON_2,
} as const;

/**
 * Serialised RunOptions; undefined where none are needed. A time limit costs TensorFlow's fast path, and does nothing to
 * a run on the caller's thread.
 */
export function runOptionsOf({ interOpThreads = 0 }: SessionOptions, timeoutMs: number): Uint8Array | undefined {
  if (interOpThreads === 0 || timeoutMs === Number.POSITIVE_INFINITY) return undefined;
  return RunOptions.encode({
    traceLevel: RunOptions_TraceLevel.NO_TRACE,
    timeoutInMs: BigInt(Math.ceil(timeoutMs)),
  }).finish();
}
