import { checkVersion, type Selector, ServingError } from "@servable/core";

/** Which model, and which version of it, a call means: TensorFlow Serving's ModelSpec. */
export interface ModelSpec {
  readonly model: string;
  /** @defaultValue the latest that is available */
  readonly version?: number | undefined;
  /** A name for a version, such as `stable`. Refused for now: versions go by number. */
  readonly label?: string | undefined;
}

/**
 * What to ask the manager for.
 * @throws ServingError INVALID_ARGUMENT for what is no version, or a version beside a label; UNSUPPORTED for a label
 */
export function selectorOf({ model, version, label }: ModelSpec): Selector {
  if (label !== undefined && version !== undefined) {
    throw new ServingError(
      "INVALID_ARGUMENT",
      `${model}: version ${version} and label ${label} exclude each other; name one of the two`,
    );
  }
  if (label !== undefined) {
    throw new ServingError(
      "UNSUPPORTED",
      `${model}: version labels such as ${label} are not supported yet; name the version by its number`,
    );
  }
  if (version === undefined) return {};
  checkVersion(model, version);
  return { version };
}
