import { ServingError } from "@servable/core";
import type { Engine } from "../engine/engine.js";
import { checkCount, type LimitOptions, resolveLimits } from "../engine/limits.js";
import { checkSessionOptions, type SessionOptions } from "./config.js";
import { libraryHere } from "./look-around.js";
import { defaultCallsInFlight, nativeThreads } from "./seats.js";
import type { Halves } from "./signatures.js";

/** Options of the engine `native`. */
export interface NativeOptions extends SessionOptions {
  /**
   * The file of TensorFlow's C library. @defaultValue what SERVABLE_LIBTENSORFLOW names; else the first that is found of
   * the folder SERVABLE_RUNTIME, an active venv or conda environment, tfjs-node(-gpu), and the system
   */
  readonly library?: string;
  /**
   * Calls of a version that are in TensorFlow at once, each on a thread of libuv's pool; the others wait. All models
   * together have one thread less than the pool, so that file reads have one; UV_THREADPOOL_SIZE sets the pool's size.
   * @defaultValue one more than the machine's cores, or one less than the pool where that is fewer
   */
  readonly maxCallsInFlight?: number;
  /**
   * How float16 and bfloat16 are taken and given: as `float32`, or as uint16 tensors of their `bits`.
   * @defaultValue "float32"
   */
  readonly halves?: Halves;
}

/**
 * TensorFlow itself, called through its C library off this thread.
 * @throws ServingError INVALID_ARGUMENT for a bad option
 */
export function nativeEngine(options: NativeOptions, limitOptions: LimitOptions): Engine {
  const { maxCallsInFlight = defaultCallsInFlight(), halves = "float32" } = options;
  checkCount("native.maxCallsInFlight", maxCallsInFlight, 1);
  if (halves !== "float32" && halves !== "bits") {
    throw new ServingError("INVALID_ARGUMENT", `native.halves must be float32 or bits, got ${String(halves)}`);
  }
  checkSessionOptions(options);
  const limits = resolveLimits(limitOptions);
  const settings = { ...options, ...limits, maxCallsInFlight: Math.min(maxCallsInFlight, nativeThreads()), halves };
  return {
    // Which devices there are is for TensorFlow to say, so that the library is loaded for the first estimate.
    estimate: async (files) => {
      const { estimateNative } = await import("./open-native.js");
      return estimateNative({ ...settings, library: libraryHere(options.library) }, files);
    },
    open: async (request) =>
      (await import("./open-native.js")).openNative({ ...settings, library: libraryHere(options.library) }, request),
  };
}
