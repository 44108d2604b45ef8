import { createHash, type Hash } from "node:crypto";
import { crc32 as nodeCrc32 } from "node:zlib";
import { crc32c } from "@servable/saved-model";
import type { ObjectChecksum } from "../store/object-store.js";
import type { WantedFile } from "./wanted-file.js";

/** How a file's bytes are summed up. */
export type DigestAlgorithm = ObjectChecksum["algorithm"] | "md5";

/** What the bytes of a file sum up to. */
export interface Digest {
  readonly algorithm: DigestAlgorithm;
  /** Hexadecimal. */
  readonly digest: string;
}

/** The digest that a file must have, as far as that is known without asking: of its manifest, or an etag that is one. */
export function expectedDigest({ sha256, etag }: WantedFile): Digest | undefined {
  if (sha256 !== undefined) return { algorithm: "sha256", digest: sha256 };
  // An object that was put in one piece, and not encrypted with a key of its own, has the MD5 of its bytes as its etag.
  return /^[0-9a-f]{32}$/.test(etag) ? { algorithm: "md5", digest: etag } : undefined;
}

/** Sums up bytes piece by piece. */
export interface Digester {
  update(bytes: Uint8Array): void;
  digest(): string;
}

/** Makes a {@link Digester}. */
export function digester(algorithm: DigestAlgorithm): Digester {
  if (algorithm === "crc32c") return rolling(crc32c);
  if (algorithm === "crc32") return rolling(nodeCrc32);
  const hash: Hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("hex") };
}

function rolling(step: (bytes: Uint8Array, previous?: number) => number): Digester {
  let value = 0;
  return {
    update: (bytes) => {
      value = step(bytes, value);
    },
    digest: () => (value >>> 0).toString(16).padStart(8, "0"),
  };
}
