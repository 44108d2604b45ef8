import { gatherStream } from "../gather-bytes.js";
import type { Codec } from "./codec.js";

/** What every runtime with fetch can do. */
export const WEB_CODECS: readonly Codec[] = [
  {
    name: "gzip",
    unpack: (packed, maxBytes) => gatherStream(streamOf(packed).pipeThrough(new DecompressionStream("gzip")), maxBytes),
    async pack(bytes) {
      const stream = streamOf(bytes).pipeThrough(new CompressionStream("gzip"));
      return (await gatherStream(stream, Number.POSITIVE_INFINITY)) ?? bytes;
    },
  },
];

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> {
  // No transport hands out shared memory, which is all that the type leaves open.
  return new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
}
