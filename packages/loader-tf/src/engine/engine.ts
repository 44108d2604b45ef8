import type { OpenFiles, Progress, Tensor } from "@servable/core";
import type { SavedSignature } from "@servable/saved-model";
import type { OptimizeOptions } from "../portable/optimize/passes.js";
import type { Call } from "../portable/run/session.js";

/** What an engine is to load. */
export interface OpenRequest {
  /** Stay open for as long as the model does. */
  readonly files: OpenFiles;
  readonly tags: readonly string[];
  readonly optimize: OptimizeOptions;
  /** Where the WASM kernels lie, if not where TensorFlow.js looks by itself. */
  readonly wasmPath?: string;
  /** A call that runs longer fails, in milliseconds; infinity for no limit. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
}

/** Facts about a loaded model, for `describe()`. */
export interface ModelFacts {
  /** Nodes of the graph before and after each stage of the compiler, in order. */
  readonly nodes: Readonly<Record<string, { readonly before: number; readonly after: number }>>;
  /** Bytes of one copy of the weights, in JavaScript's memory. */
  readonly weightBytes: number;
  /** Bytes of those weights that lie in the memory of the kernels, too, once the model has run. */
  readonly deviceBytes: number;
}

/** A model that an engine has loaded. */
export interface EngineModel {
  readonly signatures: Readonly<Record<string, SavedSignature>>;
  readonly facts: ModelFacts;
  /** Calls worth having in flight. */
  readonly concurrency: number;
  /**
   * Runs a call whose inputs fit the signature.
   * @throws the reason of `signal` when it aborts; ServingError otherwise
   */
  run(call: Call, signal?: AbortSignal): Promise<Record<string, Tensor>>;
  /** Ends what runs and gives the memory back. Calls that still wait fail. */
  close(): Promise<void>;
}

/** Loads models and runs them, on this thread or on others. */
export interface Engine {
  /** Copies that it makes of each model's weights. */
  readonly copies: number;
  /** Bytes that the next model costs beside its own: those of threads that have not been started yet. */
  readonly startBytes: number;
  open(request: OpenRequest): Promise<EngineModel>;
}
