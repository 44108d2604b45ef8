import { ServingError } from "../errors.js";
import type { Loader } from "../loader.js";
import type { Predictor } from "../predictor.js";
import { formatId } from "../servable.js";
import { type ReplayOptions, replay, resolveReplay, type WarmUpCall } from "./replay.js";

/**
 * Makes calls of what a loader loads before `load` resolves, so that the first user finds it warm:
 * `warmed(myLoader, [{ inputs: { x: tensor([0]) } }])`. A call that fails fails the load, and what was loaded is
 * released.
 * @param calls the calls, or what makes them of the loaded servable
 * @throws ServingError INVALID_ARGUMENT for a bad option
 */
export function warmed<S extends Predictor>(
  loader: Loader<S>,
  calls: readonly WarmUpCall[] | ((servable: S) => Iterable<WarmUpCall>),
  options: ReplayOptions = {},
): Loader<S> {
  const resolved = resolveReplay(options);
  return {
    ...(loader.dependencies !== undefined && { dependencies: loader.dependencies }),
    ...(loader.estimateResources !== undefined && {
      estimateResources: (context) => loader.estimateResources?.(context) ?? {},
    }),
    async load(context) {
      const { id, signal } = context;
      const loaded = await loader.load(context);
      try {
        context.report({ stage: "warm up" });
        const made = typeof calls === "function" ? calls(loaded.servable) : calls;
        await replay(loaded.servable, made, { ...resolved, signal });
        return loaded;
      } catch (error) {
        await loaded[Symbol.asyncDispose]();
        signal.throwIfAborted();
        const { code, message, retryable } = ServingError.from(error, "INTERNAL");
        throw new ServingError(code, `${formatId(id)}: ${message}`, { cause: error, retryable });
      }
    },
  };
}
