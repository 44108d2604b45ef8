import { checkVersion, type Selector } from "@servable/core";

/** Which model, and which version of it, a call means: TensorFlow Serving's ModelSpec. */
export interface ModelSpec {
  readonly model: string;
  /** @defaultValue the latest that is available */
  readonly version?: number | undefined;
  /** A name for a version, such as `stable`; see `Manager.setLabel`. Excludes `version`. */
  readonly label?: string | undefined;
}

/**
 * What to ask the manager for.
 * @throws ServingError INVALID_ARGUMENT for what is no version; the manager refuses a version beside a label
 */
export function selectorOf({ model, version, label }: ModelSpec): Selector {
  if (version !== undefined) checkVersion(model, version);
  return { ...(version !== undefined && { version }), ...(label !== undefined && { label }) };
}
