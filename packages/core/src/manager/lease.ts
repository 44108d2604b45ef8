import { ServingError } from "../errors.js";
import type { Handle } from "../handle.js";
import { formatId, type ServableId } from "../servable.js";

/** What a lease notes beside the count. */
export interface LeaseOptions {
  /** Whether to remember where handles are taken, which costs a stack trace each. @defaultValue false */
  readonly traced?: boolean;
  /** The time, if it is to be noted when the last handle came back. */
  readonly now?: () => number;
  /** Called when the last handle has come back. */
  readonly onIdle?: () => void;
}

/** Counts the borrowers of one loaded servable and tells when the last is gone. */
export class Lease<S> {
  readonly id: ServableId;
  readonly servable: S;
  readonly #options: LeaseOptions;
  /** Where each held handle was taken, if that is traced. */
  readonly #taken: Map<object, string> | undefined;
  #idleSinceMs: number;
  #borrowers = 0;
  /** Called when the last handle has come back; undefined where nobody wants to know. */
  #onRest: (() => void) | undefined;

  constructor(id: ServableId, servable: S, options: LeaseOptions = {}) {
    const { traced = false, now, onIdle } = options;
    this.id = id;
    this.servable = servable;
    this.#options = options;
    this.#taken = traced ? new Map() : undefined;
    this.#idleSinceMs = now?.() ?? 0;
    this.#onRest = now || onIdle ? () => this.#rest() : undefined;
  }

  /** Since when nobody holds it, if that is noted; undefined while somebody does. */
  get idleSinceMs(): number | undefined {
    return this.#borrowers === 0 ? this.#idleSinceMs : undefined;
  }

  get borrowers(): number {
    return this.#borrowers;
  }

  /** The caller sees to it that no one borrows after `drain`. */
  borrow(): Handle<S> {
    this.#borrowers++;
    const handle = new LeaseHandle(this);
    this.#taken?.set(handle, new Error(`a handle of ${formatId(this.id)} was taken here`).stack ?? "");
    return handle;
  }

  /** Stack traces of where the held handles were taken; empty unless they are traced. */
  get takenAt(): readonly string[] {
    return [...(this.#taken?.values() ?? [])];
  }

  giveBack(handle: object): void {
    this.#taken?.delete(handle);
    this.#borrowers--;
    if (this.#borrowers === 0) this.#onRest?.();
  }

  /** Calls `onIdle` once no handle is held: at once, or at the last release. */
  drain(onIdle: () => void): void {
    if (this.#borrowers === 0) return onIdle();
    this.#onRest = () => {
      onIdle();
      this.#rest();
    };
  }

  #rest(): void {
    if (this.#options.now !== undefined) this.#idleSinceMs = this.#options.now();
    this.#options.onIdle?.();
  }
}

class LeaseHandle<S> implements Handle<S> {
  readonly id: ServableId;
  #lease: Lease<S> | undefined;

  constructor(lease: Lease<S>) {
    this.id = lease.id;
    this.#lease = lease;
  }

  /** @throws ServingError FAILED_PRECONDITION once the handle has been released */
  get servable(): S {
    if (this.#lease !== undefined) return this.#lease.servable;
    throw new ServingError("FAILED_PRECONDITION", `the handle of ${formatId(this.id)} was released; acquire a new one`);
  }

  release(): void {
    const lease = this.#lease;
    if (lease === undefined) return;
    this.#lease = undefined;
    lease.giveBack(this);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** How many handles are held, in words. */
export function handles(lease: Lease<unknown> | undefined): string {
  const count = lease?.borrowers ?? 0;
  return count === 1 ? "1 handle" : `${count} handles`;
}
