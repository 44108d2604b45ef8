import { ServingError } from "../errors.js";
import type { LoadContext, Loaded, Loader, ResourceEstimate } from "../loader.js";
import { formatId, type ServableId } from "../servable.js";
import { faultIn } from "./resource-ledger.js";

// Async functions, so that a loader that throws synchronously fails its load and nothing else.

/**
 * What a loader estimates; nothing, if it does not.
 * @throws ServingError INVALID_ARGUMENT for amounts that are none, and what the loader throws
 */
export async function askForEstimate(loader: Loader<unknown>, context: LoadContext): Promise<ResourceEstimate> {
  const estimate = (await loader.estimateResources?.(context)) ?? {};
  checkAmounts(context.id, estimate);
  return estimate;
}

/**
 * What a loader loads.
 * @throws ServingError LOAD_FAILED for what cannot be disposed, and what the loader throws
 */
export async function askForLoad<S>(loader: Loader<S>, context: LoadContext): Promise<Loaded<S>> {
  const loaded = await loader.load(context);
  if (typeof loaded?.[Symbol.asyncDispose] !== "function") {
    const message = `${formatId(context.id)}: the loader returned nothing that can be disposed`;
    throw new ServingError("LOAD_FAILED", message, { retryable: false });
  }
  try {
    checkAmounts(context.id, loaded.resources ?? {});
    return loaded;
  } catch (error) {
    await loaded[Symbol.asyncDispose]();
    throw error;
  }
}

function checkAmounts(id: ServableId, amounts: ResourceEstimate): void {
  const fault = faultIn(amounts);
  if (fault === undefined) return;
  throw new ServingError("INVALID_ARGUMENT", `${formatId(id)}: by its loader it ${fault}`);
}
