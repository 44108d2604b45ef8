import type { ServingError } from "@servable/core";
import type { CallQueue } from "../call-queue.js";
import type { HostRequest, LoadOrder } from "../host.js";

/** A model, as the pool that it lives in sees it. */
export interface PoolModel<O extends LoadOrder> {
  /** What it is called between threads. */
  readonly number: number;
  /** What it is loaded from, again and again as workers come and go. */
  readonly request: HostRequest<O>;
  readonly queue: CallQueue;
  /** Whether it has been loaded: from then on its workers are replaced. */
  serving: boolean;
  closed: boolean;
  /** Workers that died over it, since one has answered a call of it. */
  deaths: number;
  /** Why no worker is given to it any more. */
  broken: ServingError | undefined;
}
