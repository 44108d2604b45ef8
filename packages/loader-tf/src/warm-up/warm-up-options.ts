import { ServingError } from "@servable/core";

/** How a version is warmed up before it is available. */
export interface WarmUpOptions {
  /** Runs of each call, one after another. @defaultValue 1 */
  readonly numRequestIterations?: number;
  /**
   * Calls every signature with zeros and empty strings, too, once for each of these sizes of the first dimension.
   * @defaultValue none
   */
  readonly batchSizes?: readonly number[];
}

/**
 * Options with their defaults; undefined for no warm-up.
 * @throws ServingError INVALID_ARGUMENT for a number that is not positive and whole
 */
export function resolveWarmUp(warmUp: boolean | WarmUpOptions): Required<WarmUpOptions> | undefined {
  if (warmUp === false) return undefined;
  const { numRequestIterations = 1, batchSizes = [] } = warmUp === true ? {} : warmUp;
  for (const [name, values] of Object.entries({ numRequestIterations: [numRequestIterations], batchSizes })) {
    const bad = values.find((value) => !(Number.isSafeInteger(value) && value > 0));
    if (bad === undefined) continue;
    throw new ServingError("INVALID_ARGUMENT", `warmUp.${name} takes positive integers, got ${bad}`);
  }
  return { numRequestIterations, batchSizes };
}
