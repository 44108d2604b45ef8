import type { VersionChoice } from "../handle.js";
import type { Lease } from "./lease.js";

/** The versions of one name that can be borrowed now; look-ups take constant time. */
export class ServingTable<S> {
  readonly #byVersion = new Map<number, Lease<S>>();
  #latest: Lease<S> | undefined;
  #earliest: Lease<S> | undefined;

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

  get(choice: VersionChoice): Lease<S> | undefined {
    if (choice === "latest") return this.#latest;
    return choice === "earliest" ? this.#earliest : this.#byVersion.get(choice);
  }

  /** In ascending order. */
  versions(): number[] {
    return [...this.#byVersion.keys()].sort((a, b) => a - b);
  }

  #refresh(): void {
    this.#latest = undefined;
    this.#earliest = undefined;
    for (const lease of this.#byVersion.values()) {
      if (this.#latest === undefined || lease.id.version > this.#latest.id.version) this.#latest = lease;
      if (this.#earliest === undefined || lease.id.version < this.#earliest.id.version) this.#earliest = lease;
    }
  }
}
