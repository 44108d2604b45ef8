import type { ModelFiles, Source } from "@servable/core";
import { fsSource } from "@servable/source-fs";
import { s3Source } from "@servable/source-s3";
import type { ModelEntry } from "./model-config.js";
import type { ServeOptions } from "./serve-options.js";

/** Whether a base path is an address in a bucket. */
export function isAddress(basePath: string): boolean {
  return basePath.startsWith("s3://");
}

/**
 * The source of a model, by the kind of its base path.
 * @throws ServingError INVALID_ARGUMENT for an address that is none
 */
export function modelSource(
  { name, basePath, versions }: ModelEntry,
  { pollMs, cacheFolder, cacheMaxBytes }: ServeOptions,
  onWarning: (text: string) => void,
): Source<ModelFiles> {
  const common = { name, versions, pollMs, onWarning };
  if (isAddress(basePath)) return s3Source({ ...common, url: basePath, cacheFolder, maxBytes: cacheMaxBytes });
  return fsSource({ ...common, path: basePath });
}
