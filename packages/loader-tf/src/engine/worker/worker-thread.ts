import type { LoadOrder } from "../host.js";
import type { FromWorker, Line, ToWorker } from "./protocol.js";

/** A worker thread, as its owner holds it. */
export interface WorkerThread<O extends LoadOrder, F> extends Line<FromWorker<F>, ToWorker<O>> {
  /** Called once when the thread is gone, with the reason where it was not asked to go. */
  onEnd(listener: (reason: string) => void): void;
  /** Whether the process stays alive for it. */
  keepAlive(wanted: boolean): void;
  terminate(): Promise<void>;
}
