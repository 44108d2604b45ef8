import { availableParallelism } from "node:os";
import { Turnstile } from "./turnstile.js";

/** Threads of libuv's pool, which runs native calls, file reads and name look-ups alike; at most 1024. */
function poolThreads(): number {
  const wanted = Number.parseInt(process.env["UV_THREADPOOL_SIZE"] ?? "", 10);
  return Number.isNaN(wanted) ? 4 : Math.min(Math.max(wanted, 1), 1024);
}

/**
 * Native calls worth having in flight: one more than processors, so that none waits for this thread; and one thread of
 * libuv's pool is left to file reads.
 */
export function defaultCallsInFlight(): number {
  return Math.max(Math.min(poolThreads() - 1, availableParallelism() + 1), 1);
}

let shared: Turnstile | undefined;

/** The turnstile of all native calls of this thread, whatever their model and library. */
export function nativeSeats(): Turnstile {
  return (shared ??= new Turnstile(Math.max(poolThreads() - 1, 1)));
}
