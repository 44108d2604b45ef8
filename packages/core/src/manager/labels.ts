import { ServingError } from "../errors.js";
import type { Selector, VersionChoice } from "../handle.js";
import { checkVersion } from "../servable.js";

/**
 * Names for versions, by model. They are pointers and bound late: a label may be set before its version is loaded or
 * even known, and moving it changes what the next call gets in one step.
 */
export class Labels {
  readonly #byName = new Map<string, ReadonlyMap<string, number>>();

  /**
   * The version that a selector means; undefined for a label that is not set.
   * @throws ServingError INVALID_ARGUMENT for a version beside a label
   */
  resolve(name: string, { version, label }: Selector): VersionChoice | undefined {
    if (label === undefined) return version ?? "latest";
    if (version === undefined) return this.#byName.get(name)?.get(label);
    throw new ServingError(
      "INVALID_ARGUMENT",
      `${name}: version ${version} and label ${label} exclude each other; name one of the two`,
    );
  }

  /** The labels of a model, in the order in which they were first set. */
  of(name: string): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#byName.get(name) ?? []);
  }

  /**
   * Points a label to a version; gives back where it pointed before.
   * @throws ServingError INVALID_ARGUMENT for an empty label or what is no version
   */
  set(name: string, label: string, version: number): number | undefined {
    if (label === "") throw new ServingError("INVALID_ARGUMENT", `${name}: a label must not be empty`);
    checkVersion(name, version);
    const labels = this.#byName.get(name);
    this.#byName.set(name, new Map(labels).set(label, version));
    return labels?.get(label);
  }

  /** Takes a label away; gives back where it pointed. */
  remove(name: string, label: string): number | undefined {
    const labels = new Map(this.#byName.get(name));
    const version = labels.get(label);
    labels.delete(label);
    if (labels.size === 0) this.#byName.delete(name);
    else this.#byName.set(name, labels);
    return version;
  }
}
