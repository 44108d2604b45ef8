import { type Manager, type PublicState, ServingError } from "@servable/core";
import { type ModelSpec, selectorOf } from "./model-spec.js";

/** How one version stands. */
export interface VersionStatus {
  readonly version: number;
  readonly state: PublicState;
  /** The error it ended with, or that its last attempt to load ended with. */
  readonly error?: ServingError;
}

/** How a model stands. */
export interface ModelStatus {
  readonly model: string;
  /** In descending order of version. */
  readonly versions: readonly VersionStatus[];
}

/**
 * How the versions of a model stand, whatever their state; with a version or a label in `spec` that one alone.
 * @throws ServingError NOT_FOUND for a model, version or label that is not known, NOT_AVAILABLE while a source that
 * has not spoken yet may still name it, or for a label to a version that no source has listed
 */
export function getModelStatus(manager: Manager, spec: ModelSpec): ModelStatus {
  const selector = selectorOf(spec);
  const snapshot = manager.model(spec.model);
  const { version = spec.label === undefined ? undefined : snapshot?.labels[spec.label] } = spec;
  const isOne = spec.version !== undefined || spec.label !== undefined;
  const versions = (snapshot?.versions ?? []).filter(({ id }) => !isOne || id.version === version);
  if (snapshot === undefined || (isOne && versions.length === 0)) {
    // Whatever the manager cannot name it cannot lend either, and it says best why.
    manager.acquire(spec.model, selector).release();
    throw new ServingError("NOT_FOUND", `${spec.model} was not known a moment ago; ask again`, { retryable: true });
  }
  return {
    model: spec.model,
    versions: versions.map(({ id, state, error }) => ({ version: id.version, state, ...(error && { error }) })),
  };
}
