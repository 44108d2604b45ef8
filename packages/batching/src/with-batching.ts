import { Disposer, formatId, type Loader, type Predictor } from "@servable/core";
import type { BatchingOptions } from "./batch-options.js";
import { type BatchedPredictor, batched } from "./batched.js";

/** Options of {@link withBatching}. */
export type LoaderBatchingOptions = Omit<BatchingOptions, "name">;

/**
 * Puts batching in front of what loaders load: `source.pipe(loadWith(savedModel()), mapData(withBatching()))`. Each
 * version has a queue of its own, which is run to its end before the version is unloaded. `describe()` says under
 * `batching` what it has done. A load fails with FAILED_PRECONDITION for a predictor without a batch dimension.
 */
export function withBatching(
  options: LoaderBatchingOptions = {},
): (loader: Loader<Predictor>) => Loader<BatchedPredictor> {
  return (loader) => ({
    ...(loader.dependencies !== undefined && { dependencies: loader.dependencies }),
    ...(loader.estimateResources !== undefined && {
      estimateResources: (context) => loader.estimateResources?.(context) ?? {},
    }),
    async load(context) {
      const loaded = await loader.load(context);
      const disposer = new Disposer();
      disposer.defer(() => loaded[Symbol.asyncDispose]());
      try {
        const servable = batched(loaded.servable, { ...options, name: formatId(context.id) });
        disposer.defer(() => servable[Symbol.asyncDispose]());
        return {
          servable,
          ...(loaded.resources !== undefined && { resources: loaded.resources }),
          describe: () => ({ ...loaded.describe?.(), batching: servable.statistics() }),
          [Symbol.asyncDispose]: () => disposer[Symbol.asyncDispose](),
        };
      } catch (error) {
        await disposer[Symbol.asyncDispose]();
        throw error;
      }
    },
  });
}
