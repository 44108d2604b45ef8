import type { BorrowOptions, Manager, ServableId, Signature } from "@servable/core";
import { type ModelSpec, selectorOf } from "./model-spec.js";
import { servableAsPredictor } from "./servable-as-predictor.js";

/** How a model can be called. */
export interface ModelMetadata {
  readonly id: ServableId;
  readonly signatures: Readonly<Record<string, Signature>>;
}

/**
 * How a model can be called; where the manager loads on demand, it is loaded for that.
 * @throws ServingError what `Manager.borrow` throws; INVALID_ARGUMENT for a servable that is no predictor
 */
export async function getModelMetadata(
  manager: Manager,
  spec: ModelSpec,
  options: BorrowOptions = {},
): Promise<ModelMetadata> {
  using handle = await manager.borrow(spec.model, selectorOf(spec), options);
  return { id: handle.id, signatures: servableAsPredictor(handle.servable, handle.id).signatures };
}
