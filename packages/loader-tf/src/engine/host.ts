import type { EngineModel, OpenRequest } from "./engine.js";

/** What a thread is told of a model that it is to load, in plain data; engines add what they need. */
export interface LoadOrder {
  /** A call that runs longer fails, in milliseconds; infinity for no limit. */
  readonly timeoutMs: number;
}

/** A model for a host. */
export interface HostRequest<O extends LoadOrder> extends Pick<OpenRequest, "files" | "signal" | "report"> {
  readonly order: O;
}

/** A model on the calling thread or on a pool of others, with the facts `F` that its engine tells of it. */
export interface HostedModel<F> extends Pick<EngineModel, "signatures" | "concurrency" | "run" | "close"> {
  readonly facts: F;
}

/** Where models run: the calling thread, or a pool of others. */
export interface ModelHost<O extends LoadOrder, F> {
  /** Copies that it makes of each model's weights. */
  readonly copies: number;
  /** Bytes that the next model costs beside its own: those of threads that have not been started yet. */
  readonly startBytes: number;
  open(request: HostRequest<O>): Promise<HostedModel<F>>;
}
