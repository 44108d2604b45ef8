import type { Predictor, ServableId } from "@servable/core";

/** Another servable of the manager, as a composite calls it: the version that serves for this call. */
export interface Part<S extends Predictor = Predictor> extends Predictor {
  readonly id: ServableId;
  /** The servable itself, for what it can do beside `predict`. Good until the call is over. */
  readonly servable: S;
}
