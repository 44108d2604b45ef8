import { ServingError } from "@servable/core";
import type { Codec } from "./codec.js";

/** How bodies may be packed, and how large one may be. */
export interface Unpacking {
  readonly codecs: readonly Codec[];
  readonly maxBodyBytes: number;
}

/**
 * The body as it was before it was packed for the way; undefined as soon as that is known to be larger than the limit,
 * so that a small body cannot unpack to fill the memory.
 * @throws ServingError INVALID_ARGUMENT for what does not unpack, UNSUPPORTED for an encoding that is not there
 */
export async function unpackBody(
  packed: Uint8Array,
  encoding: string,
  { codecs, maxBodyBytes }: Unpacking,
): Promise<Uint8Array | undefined> {
  const name = encoding.trim().toLowerCase();
  if (name === "" || name === "identity") return packed;
  // An older name, which HTTP tells servers to know.
  const wanted = name === "x-gzip" ? "gzip" : name;
  const codec = codecs.find((each) => each.name === wanted);
  if (codec === undefined) {
    const there = codecs.map((each) => each.name).join(" or ");
    throw new ServingError("UNSUPPORTED", `content-encoding ${encoding} is not supported; send ${there}, or none`);
  }
  try {
    return await codec.unpack(packed, maxBodyBytes);
  } catch (cause) {
    throw new ServingError("INVALID_ARGUMENT", `the body is not the ${wanted} that its content-encoding says`, {
      cause,
    });
  }
}
