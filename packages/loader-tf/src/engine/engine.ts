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
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
}

/** Facts about a loaded model, for `describe()`. */
export interface ModelFacts {
  /** Nodes of the graph before and after each stage of the compiler, in order. */
  readonly nodes: Readonly<Record<string, { readonly before: number; readonly after: number }>>;
  /** Bytes of one copy of the weights. */
  readonly weightBytes: number;
}

/** A model that an engine has loaded. */
export interface EngineModel {
  readonly signatures: Readonly<Record<string, SavedSignature>>;
  readonly facts: ModelFacts;
  /** Copies of the model that can run at the same time. */
  readonly copies: number;
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
export type Engine = (request: OpenRequest) => Promise<EngineModel>;
