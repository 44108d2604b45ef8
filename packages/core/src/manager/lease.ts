import { ServingError } from "../errors.js";
import { formatId, type ServableId } from "../servable.js";
import type { Handle } from "./handle.js";

/** Counts the borrowers of one loaded servable and tells when the last is gone. */
export class Lease<S> {
  readonly id: ServableId;
  readonly servable: S;
  #borrowers = 0;
  #onIdle: (() => void) | undefined;

  constructor(id: ServableId, servable: S) {
    this.id = id;
    this.servable = servable;
  }

  get borrowers(): number {
    return this.#borrowers;
  }

  /** The caller sees to it that no one borrows after `drain`. */
  borrow(): Handle<S> {
    this.#borrowers++;
    return new LeaseHandle(this);
  }

  giveBack(): void {
    this.#borrowers--;
    if (this.#borrowers === 0) this.#onIdle?.();
  }

  /** Calls `onIdle` once no handle is held: at once, or at the last release. */
  drain(onIdle: () => void): void {
    if (this.#borrowers === 0) onIdle();
    else this.#onIdle = onIdle;
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
    lease.giveBack();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
