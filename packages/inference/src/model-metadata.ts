import type { Manager, ServableId, Signature } from "@servable/core";
import { type ModelSpec, selectorOf } from "./model-spec.js";
import { servableAsPredictor } from "./servable-as-predictor.js";

/** How a model can be called. */
export interface ModelMetadata {
  readonly id: ServableId;
  readonly signatures: Readonly<Record<string, Signature>>;
}

/**
 * How a model can be called.
 * @throws ServingError what `Manager.acquire` throws; INVALID_ARGUMENT for a servable that is no predictor
 */
export function getModelMetadata(manager: Manager, spec: ModelSpec): ModelMetadata {
  using handle = manager.acquire(spec.model, selectorOf(spec));
  return { id: handle.id, signatures: servableAsPredictor(handle.servable, handle.id).signatures };
}
