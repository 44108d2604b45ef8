import { ServingError } from "@servable/core";
import { systemCodeOf } from "@servable/source-folders";

/** What a failure of the disk under the cache means, and what to do about it; undefined if it is no such failure. */
export function diskError(error: unknown, folder: string): ServingError | undefined {
  const code = systemCodeOf(error);
  const told = (errorCode: Known[0], text: string): ServingError =>
    new ServingError(errorCode, `the model cache ${folder} ${text} (${code})`, { cause: error });
  const known = KNOWN[code ?? ""];
  return known && told(...known);
}

type Known = readonly ["RESOURCE_EXHAUSTED" | "FAILED_PRECONDITION", string];

const FORBIDDEN: Known = [
  "FAILED_PRECONDITION",
  "cannot be written: give this user the right to, or name another with cacheFolder",
];

const KNOWN: Readonly<Record<string, Known>> = {
  ENOSPC: ["RESOURCE_EXHAUSTED", "is on a disk that is full: make room, or set a smaller maxBytes"],
  EDQUOT: ["RESOURCE_EXHAUSTED", "has used up its quota: raise it, or set a smaller maxBytes"],
  EROFS: ["FAILED_PRECONDITION", "is on a read-only disk: name a folder that can be written, with cacheFolder"],
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
};
