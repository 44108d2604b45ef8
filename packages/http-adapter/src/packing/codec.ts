/** A way to pack bodies for their way. */
export interface Codec {
  /** What HTTP calls it in `content-encoding`. */
  readonly name: string;
  /** The bytes that were packed; undefined as soon as they are known to be more than `maxBytes`. Rejects what is broken. */
  unpack(packed: Uint8Array, maxBytes: number): Promise<Uint8Array | undefined>;
  pack(bytes: Uint8Array): Promise<Uint8Array>;
}
