/** A file to be fetched, and what is known of its bytes. */
export interface WantedFile {
  /** Relative to the version's folder. */
  readonly name: string;
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  /** From a manifest. */
  readonly sha256?: string | undefined;
}
