import type { ByteRange } from "@servable/core";

/** An object as a listing shows it. */
export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
  /** Without quotes. It names the bytes: MD5 of them, or something else that changes with them. */
  readonly etag: string;
  readonly modifiedMs: number;
}

/** All that lies below a prefix. */
export interface ObjectListing {
  readonly objects: readonly StoredObject[];
  /** Prefixes of further objects, ending in `/`, where the listing was of one level. */
  readonly folders: readonly string[];
  /** Requests that it took. */
  readonly requests: number;
}

/** What is asked for of an object. */
export interface GetOptions {
  readonly range?: ByteRange | undefined;
  /** Fails with `changed` if the object has another etag. */
  readonly ifMatch?: string | undefined;
  /** Fails with `unchanged` if the object still has this etag. */
  readonly ifNoneMatch?: string | undefined;
  readonly signal: AbortSignal;
}

/** What a store says of an object's bytes apart from the etag. */
export interface ObjectChecksum {
  readonly algorithm: "sha256" | "sha1" | "crc32" | "crc32c";
  /** Hexadecimal. */
  readonly digest: string;
}

/** A bucket: all that is asked of it. Calls fail with a {@link StoreError}, or the reason of the signal. */
export interface ObjectStore {
  /** Everything below a prefix, all pages of it; with `oneLevel` what lies deeper is given by its folder alone. */
  list(prefix: string, options: { readonly oneLevel: boolean; readonly signal: AbortSignal }): Promise<ObjectListing>;
  /** The bytes of an object, as they come. */
  get(key: string, options: GetOptions): Promise<AsyncIterable<Uint8Array>>;
  /** The checksum of a whole object, where the store keeps one. */
  checksum(key: string, options: GetOptions): Promise<ObjectChecksum | undefined>;
  put(key: string, upload: Upload): Promise<void>;
}

/** What an object is made of. */
export interface Upload {
  /** Bytes at hand, or the path of a file. */
  readonly body: Uint8Array | { readonly path: string; readonly sizeBytes: number };
  readonly signal: AbortSignal;
  /** Told how many bytes have been sent since the last call. */
  readonly onSent?: (bytes: number) => void;
}

/** Why a store did not do what it was asked to. */
export type StoreErrorKind =
  /** There is no such object. */
  | "missing"
  /** There is no such bucket. */
  | "no-bucket"
  /** Wrong keys, wrong region, or no permission: somebody has to act. */
  | "refused"
  /** The object is not the one that was asked for any more. */
  | "changed"
  /** The object is still the one that is known. */
  | "unchanged"
  /** It asks to be asked less often. */
  | "throttled"
  /** Anything else: it may work the next time. */
  | "passing";

/** A failure of a store. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}

/** Whether another try may help. */
export function mayPass(error: unknown): boolean {
  return error instanceof StoreError && (error.kind === "passing" || error.kind === "throttled");
}
