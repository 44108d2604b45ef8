import { promisify } from "node:util";
import zlib from "node:zlib";
import type { Codec } from "../packing/codec.js";

const gunzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gunzip);
const gzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);
const brotliDecompress = promisify<Uint8Array, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress);
const brotliCompress = promisify<Uint8Array, zlib.BrotliOptions, Buffer>(zlib.brotliCompress);

/** Quality of brotli: above it the time grows faster than what is saved. */
const BROTLI_QUALITY = 4;

/** What node's zlib can do, on its threads. Of two that a client likes the same the first is taken. */
export const NODE_CODECS: readonly Codec[] = [
  {
    name: "br",
    unpack: (packed, maxBytes) => within(brotliDecompress(packed, { maxOutputLength: maxBytes })),
    pack: (bytes) => {
      const params = {
        [zlib.constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
        [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      };
      return brotliCompress(bytes, { params });
    },
  },
  {
    name: "gzip",
    unpack: (packed, maxBytes) => within(gunzip(packed, { maxOutputLength: maxBytes })),
    pack: (bytes) => gzip(bytes, { level: zlib.constants.Z_BEST_SPEED }),
  },
];

/** What was unpacked; undefined where it would have been more than allowed. */
async function within(unpacked: Promise<Buffer>): Promise<Uint8Array | undefined> {
  try {
    return await unpacked;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE") return undefined;
    throw error;
  }
}
