import { availableParallelism } from "node:os";
import { Turnstile } from "./turnstile.js";

/** Threads of libuv's pool, which runs native calls, file reads and name look-ups alike; at most 1024. */
function poolThreads(): number {
  const wanted = Number.parseInt(process.env["UV_THREADPOOL_SIZE"] ?? "", 10);
  return Number.isNaN(wanted) ? 4 : Math.min(Math.max(wanted, 1), 1024);
}

/** Threads of the pool that native calls may take: one is left to file reads, where there is more than one. */
export function nativeThreads(): number {
  return Math.max(poolThreads() - 1, 1);
}

/**
 * Native calls worth having in flight: one more than processors, so that none waits for this thread.
 */
export function defaultCallsInFlight(): number {
  return Math.min(nativeThreads(), availableParallelism() + 1);
}

let shared: Turnstile | undefined;

/** The turnstile of all native calls of this thread, whatever their model and library. */
export function nativeSeats(): Turnstile {
  return (shared ??= new Turnstile(nativeThreads()));
}
