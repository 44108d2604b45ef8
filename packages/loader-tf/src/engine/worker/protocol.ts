import type { ByteRange, Progress, ServingErrorCode, Tensor } from "@servable/core";
import type { Call } from "../../call.js";
import type { HostedModel, LoadOrder } from "../host.js";

/** An error as it goes between threads, where classes get lost. */
export interface WireError {
  readonly code: ServingErrorCode;
  readonly message: string;
  readonly retryable?: boolean;
}

/** What a worker tells of a model that it has loaded. */
export type LoadedFacts<F> = Pick<HostedModel<F>, "signatures" | "facts">;

/** What the owner of a worker tells it. `model` is a number that is never given twice. */
export type ToWorker<O extends LoadOrder> =
  | { readonly type: "load"; readonly model: number; readonly order: O }
  | { readonly type: "unload"; readonly model: number }
  | { readonly type: "file-read"; readonly request: number; readonly bytes: Uint8Array }
  | { readonly type: "file-failed"; readonly request: number; readonly error: WireError }
  | { readonly type: "run"; readonly model: number; readonly call: number; readonly what: Call };

/** A worker's question for bytes of a file. */
export interface ReadFile {
  readonly type: "read-file";
  readonly model: number;
  readonly request: number;
  readonly name: string;
  readonly range?: ByteRange;
}

/** What a worker tells its owner. */
export type FromWorker<F> =
  | ReadFile
  | { readonly type: "load-progressed"; readonly model: number; readonly progress: Progress }
  | { readonly type: "loaded"; readonly model: number; readonly loaded: LoadedFacts<F> }
  | { readonly type: "load-failed"; readonly model: number; readonly error: WireError }
  /** `spareBytes` of memory are not needed by the models that are left, and can be given back only with the thread. */
  | { readonly type: "unloaded"; readonly model: number; readonly spareBytes: number }
  | { readonly type: "ran"; readonly call: number; readonly outputs: Record<string, Tensor> }
  | { readonly type: "run-failed"; readonly call: number; readonly error: WireError };

/** One end of the line between a worker and its owner. */
export interface Line<In, Out> {
  send(message: Out, transfer?: readonly ArrayBufferLike[]): void;
  onMessage(listener: (message: In) => void): void;
}
