import { ServingError } from "@servable/core";
import { gatherStream } from "./gather-bytes.js";

/**
 * The body as it was before it was packed for the way; undefined as soon as that is known to be larger than `maxBytes`,
 * so that a small body cannot unpack to fill the memory.
 * @throws ServingError INVALID_ARGUMENT for what does not unpack, UNSUPPORTED for an encoding other than gzip
 */
export async function inflate(packed: Uint8Array, encoding: string, maxBytes: number): Promise<Uint8Array | undefined> {
  const name = encoding.trim().toLowerCase();
  if (name === "" || name === "identity") return packed;
  if (name !== "gzip") {
    throw new ServingError("UNSUPPORTED", `content-encoding ${encoding} is not supported; send gzip or none`);
  }
  // No transport hands out shared memory, which is all that the type leaves open.
  const source = new Blob([packed as Uint8Array<ArrayBuffer>]).stream();
  try {
    return await gatherStream(source.pipeThrough(new DecompressionStream("gzip")), maxBytes);
  } catch (cause) {
    throw new ServingError("INVALID_ARGUMENT", "the body is not the gzip that its content-encoding says", { cause });
  }
}
