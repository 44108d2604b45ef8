import { type LoadContext, type Loader, ServingError, type Shared, shared } from "@servable/core";

/**
 * What a loader loads, for several to hold together: the base of a `lookupTable`, a vocabulary that two models read.
 * Loaded for the first holder, released after the last.
 * @param key names it in messages
 */
export function sharedServable<S>(key: string, loader: Loader<S>): Shared<S> {
  return shared(key, async (signal) => {
    const loaded = await loader.load(contextOf(key, signal));
    return { value: loaded.servable, [Symbol.asyncDispose]: () => loaded[Symbol.asyncDispose]() };
  });
}

function contextOf(key: string, signal: AbortSignal): LoadContext {
  return {
    id: { name: key, version: 0 },
    signal,
    report: () => {},
    servables: {
      acquire({ name }) {
        throw new ServingError(
          "FAILED_PRECONDITION",
          `${key} is shared, outside of a manager, and cannot call ${name}; give it to the manager as a model`,
        );
      },
    },
  };
}
