import { type ModelFiles, ServingError } from "@servable/core";
import type { CachedVersion, ModelCache } from "./cache/model-cache.js";
import { StoreError } from "./store/object-store.js";

/** Where the files of a version come from, and lie. */
export interface S3FilesOptions {
  readonly cache: ModelCache;
  /** Called when the bucket holds something else by now, so that somebody looks what. */
  readonly onChanged: () => void;
  /** Called when the files are in the cache, and waited for. */
  readonly onOpened: () => Promise<void>;
}

/** The files of one version in a bucket, as it was listed; opening them fetches them into the cache. */
export function s3Files(version: CachedVersion, { cache, onChanged, onOpened }: S3FilesOptions): ModelFiles {
  return {
    async open(context) {
      try {
        const files = await cache.open(version, context);
        await onOpened();
        return files;
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        const isOther = error.kind === "changed" || error.kind === "missing" || error.kind === "no-bucket";
        if (isOther) onChanged();
        throw openError(error, version.place);
      }
    },
    async list({ signal }) {
      signal.throwIfAborted();
      return version.files.map(({ name, sizeBytes }) => ({ name, sizeBytes }));
    },
  };
}

function openError(error: StoreError, place: string): ServingError {
  const told = (text: string): ServingError =>
    new ServingError("NOT_AVAILABLE", `${place}: ${text}`, { cause: error, retryable: true });
  switch (error.kind) {
    case "changed":
      return told("it was changed while it was fetched; it is fetched again once it is at rest");
    case "missing":
    case "no-bucket":
      return told("it was removed while it was fetched");
    case "refused":
      return told(`the store refuses it: ${error.message}`);
    case "throttled":
      return told(`the store asks to be asked less often: ${error.message}`);
    case "unchanged":
    case "passing":
      return told(`it could not be fetched: ${error.message}`);
  }
}
