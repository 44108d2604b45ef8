import type { Handle, Selector } from "./handle.js";
import type { Lease } from "./lease.js";

/** The versions of one name that can be borrowed now; look-ups take constant time. */
export class ServingTable<S> {
  readonly #byVersion = new Map<number, Lease<S>>();
  #latest: Lease<S> | undefined;

  /** Puts a version up for borrowing; a replacement takes the place of the life before it. */
  add(lease: Lease<S>): void {
    this.#byVersion.set(lease.id.version, lease);
    this.#refresh();
  }

  /** Takes a version out, unless a replacement already stands in its place. */
  remove(lease: Lease<S>): void {
    if (this.#byVersion.get(lease.id.version) !== lease) return;
    this.#byVersion.delete(lease.id.version);
    this.#refresh();
  }

  borrow(selector: Selector | undefined): Handle<S> | undefined {
    const version = selector?.version;
    return (version === undefined ? this.#latest : this.#byVersion.get(version))?.borrow();
  }

  /** The highest version that can be borrowed. */
  get latest(): Lease<S> | undefined {
    return this.#latest;
  }

  get(version: number): Lease<S> | undefined {
    return this.#byVersion.get(version);
  }

  /** In ascending order. */
  versions(): number[] {
    return [...this.#byVersion.keys()].sort((a, b) => a - b);
  }

  #refresh(): void {
    this.#latest = undefined;
    for (const lease of this.#byVersion.values()) {
      if (this.#latest === undefined || lease.id.version > this.#latest.id.version) this.#latest = lease;
    }
  }
}
