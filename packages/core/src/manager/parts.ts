import { ServingError } from "../errors.js";
import type { Handle, Selector } from "../handle.js";
import type { Dependency, Parts } from "../loader.js";
import { formatId, type ServableId } from "../servable.js";

/** What the loader of `id` may borrow: what it has declared, and nothing else. */
export function createParts(
  id: ServableId,
  dependencies: readonly Dependency[],
  acquire: (name: string, selector: Selector) => Handle<unknown>,
): Parts {
  return {
    acquire({ name, ...selector }) {
      const { version, label } = selector;
      if (dependencies.some((each) => each.name === name && each.version === version && each.label === label)) {
        return acquire(name, selector);
      }
      throw new ServingError(
        "FAILED_PRECONDITION",
        `${formatId(id)} calls ${describeDependency({ name, ...selector })}, which its loader does not name in \`dependencies\``,
      );
    },
  };
}

/** A dependency in messages: `encoder`, `encoder/3`, `encoder (stable)`. */
export function describeDependency({ name, version, label }: Dependency): string {
  if (label !== undefined) return `${name} (${label})`;
  return version === undefined ? name : `${name}/${version}`;
}
