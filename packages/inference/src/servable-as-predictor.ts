import { formatId, isPredictor, type Predictor, type ServableId, ServingError } from "@servable/core";

/**
 * The servable, as what can be called over a wire.
 * @throws ServingError INVALID_ARGUMENT, by name, for one that is no predictor
 */
export function servableAsPredictor(servable: unknown, id: ServableId): Predictor {
  if (isPredictor(servable)) return servable;
  throw new ServingError(
    "INVALID_ARGUMENT",
    `${formatId(id)} cannot be called over a wire: its servable has no predict() and signatures`,
  );
}
