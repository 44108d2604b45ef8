import type { Answer } from "../answer.js";
import { byteLength } from "../byte-length.js";
import { acceptedCodec } from "./accepted-codec.js";
import type { Codec } from "./codec.js";

/** Which answers are packed. */
export interface Packing {
  readonly codecs: readonly Codec[];
  /** Only bodies of more bytes are worth it. */
  readonly compressAboveBytes: number;
}

const utf8 = new TextEncoder();

/** The answer with its body packed as the client accepts it, where that is worth it. Errors stay readable. */
export async function packAnswer(answer: Answer, accepted: string | undefined, packing: Packing): Promise<Answer> {
  const { status, headers, body } = answer;
  if (status !== 200 || byteLength(body) <= packing.compressAboveBytes) return answer;
  const codec = acceptedCodec(accepted, packing.codecs);
  // Caches must not give a packed answer to who cannot unpack it.
  const vary = headers["vary"] === undefined ? "accept-encoding" : `${headers["vary"]}, accept-encoding`;
  if (codec === undefined) return { ...answer, headers: { ...headers, vary } };
  const packed = await codec.pack(typeof body === "string" ? utf8.encode(body) : body);
  return { ...answer, headers: { ...headers, vary, "content-encoding": codec.name }, body: packed };
}
