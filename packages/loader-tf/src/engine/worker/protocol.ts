import type { ByteRange, Progress, ServingErrorCode, Tensor } from "@servable/core";
import type { OptimizeOptions } from "../../portable/optimize/passes.js";
import type { Call } from "../../portable/run/session.js";
import type { EngineModel } from "../engine.js";

/** An error as it goes between threads, where classes get lost. */
export interface WireError {
  readonly code: ServingErrorCode;
  readonly message: string;
  readonly retryable?: boolean;
}

/** What the owner of a worker tells it. A worker holds one model. */
export type ToWorker =
  | {
      readonly type: "load";
      readonly tags: readonly string[];
      readonly optimize: OptimizeOptions;
      readonly wasmPath?: string;
    }
  | { readonly type: "file-read"; readonly request: number; readonly bytes: Uint8Array }
  | { readonly type: "file-failed"; readonly request: number; readonly error: WireError }
  | { readonly type: "run"; readonly call: number; readonly what: Call };

/** What a worker tells its owner. */
export type FromWorker =
  | { readonly type: "read-file"; readonly request: number; readonly name: string; readonly range?: ByteRange }
  | { readonly type: "load-progressed"; readonly progress: Progress }
  | ({ readonly type: "loaded" } & Pick<EngineModel, "signatures" | "facts">)
  | { readonly type: "load-failed"; readonly error: WireError }
  | { readonly type: "ran"; readonly call: number; readonly outputs: Record<string, Tensor> }
  | { readonly type: "run-failed"; readonly call: number; readonly error: WireError };

/** One end of the line between a worker and its owner. */
export interface Line<In, Out> {
  send(message: Out, transfer?: readonly ArrayBufferLike[]): void;
  onMessage(listener: (message: In) => void): void;
}
