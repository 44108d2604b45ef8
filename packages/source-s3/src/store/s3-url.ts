import { ServingError } from "@servable/core";

/** A place in a bucket. */
export interface S3Place {
  readonly bucket: string;
  /** What all keys below it begin with: empty, or ending in `/`. */
  readonly prefix: string;
}

/**
 * Reads `s3://bucket/prefix`; nothing in it is decoded, so a prefix may hold blanks and any letters as they are.
 * @throws ServingError INVALID_ARGUMENT if it is no such address
 */
export function parseS3Url(url: string): S3Place {
  const [, bucket, path = ""] = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]{1,254})(?:\/(.*))?$/s.exec(url) ?? [];
  if (bucket === undefined) {
    throw new ServingError(
      "INVALID_ARGUMENT",
      `${JSON.stringify(url)} is not an address such as s3://bucket/models/mnist`,
    );
  }
  const trimmed = path.replace(/^\/+|\/+$/g, "");
  return { bucket, prefix: trimmed === "" ? "" : `${trimmed}/` };
}

/** The address of a place, or of what lies below it, as messages show it. */
export function formatS3Url({ bucket, prefix }: S3Place, below = ""): string {
  return `s3://${bucket}/${prefix}${below}`.replace(/\/$/, "");
}
