import type { FromWorker, Line, ToWorker } from "./protocol.js";

/** A worker thread, as its owner holds it. */
export interface WorkerThread extends Line<FromWorker, ToWorker> {
  /** Called once when the thread is gone, with the reason where it was not asked to go. */
  onEnd(listener: (reason: string) => void): void;
  /** Whether the process stays alive for it. */
  keepAlive(wanted: boolean): void;
  terminate(): Promise<void>;
}
