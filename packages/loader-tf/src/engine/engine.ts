import type { FileEntry, OpenFiles, Progress, ResourceEstimate, ServableId, Tensor } from "@servable/core";
import type { SavedSignature } from "@servable/saved-model";
import type { Call } from "../call.js";

/** What runs models; each is a folder, a package or a library of its own. */
export type EngineName = "portable" | "native" | "tfjs-node";

/** What an engine is to load. */
export interface OpenRequest {
  readonly id: ServableId;
  /** Stay open for as long as the model does. */
  readonly files: OpenFiles;
  readonly tags: readonly string[];
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
}

/** A model that an engine has loaded. */
export interface EngineModel {
  readonly signatures: Readonly<Record<string, SavedSignature>>;
  /** Calls worth having in flight. */
  readonly concurrency: number;
  /** Copies of the model, each of which must get warm. @defaultValue 1 */
  readonly copies?: number;
  /** What it takes, as well as that can be told now that it is loaded. */
  readonly resources: ResourceEstimate;
  /** Facts for `describe()`; `engine` is the name of the one that runs it. */
  describe(): Readonly<Record<string, unknown>>;
  /**
   * Runs a call whose inputs fit the signature.
   * @throws the reason of `signal` when it aborts; ServingError otherwise
   */
  run(call: Call, signal?: AbortSignal): Promise<Record<string, Tensor>>;
  /** Gives back what the model holds, once. Calls that still wait fail. */
  close(): Promise<void>;
}

/**
 * Loads models and runs them. Making one is cheap and checks its options; what it needs (a library, worker threads) is
 * loaded by its first model.
 */
export interface Engine {
  /** What the next model of these files will take, at most. */
  estimate(files: readonly FileEntry[]): ResourceEstimate | Promise<ResourceEstimate>;
  /**
   * Loads a model.
   * @throws the reason of `request.signal` when it aborts; ServingError or SavedModelError otherwise
   */
  open(request: OpenRequest): Promise<EngineModel>;
}
