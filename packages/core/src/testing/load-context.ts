import { ServingError } from "../errors.js";
import type { Handle } from "../handle.js";
import type { Dependency, LoadContext } from "../loader.js";
import { formatId, type ServableId } from "../servable.js";

/** What a {@link loadContext} is made of. */
export interface LoadContextOptions {
  /** @defaultValue `{ name: "m", version: 1 }` */
  readonly id?: ServableId;
  /** @defaultValue one that never aborts */
  readonly signal?: AbortSignal;
  /** The servables that can be acquired, by name; each has version 1. */
  readonly servables?: Readonly<Record<string, unknown>>;
  /** Called when a handle of one of `servables` is released. */
  readonly onRelease?: (name: string) => void;
  readonly report?: LoadContext["report"];
}

/** What a manager would hand to a loader, for tests without one. */
export function loadContext(options: LoadContextOptions = {}): LoadContext {
  const { id = { name: "m", version: 1 }, signal = new AbortController().signal, servables = {} } = options;
  return {
    id,
    signal,
    servables: {
      acquire({ name }: Dependency): Handle<unknown> {
        if (!(name in servables)) throw new ServingError("NOT_AVAILABLE", `${formatId(id)}: ${name} is not loaded now`);
        let held = true;
        const release = (): void => {
          if (held) options.onRelease?.(name);
          held = false;
        };
        return { id: { name, version: 1 }, servable: servables[name], release, [Symbol.dispose]: release };
      },
    },
    report: options.report ?? (() => {}),
  };
}
