import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../../../source-folders/src/testing/temp-folder.js";
import { digestThread, LARGE_BYTES } from "./digest-thread.js";
import { type DigestAlgorithm, digester, expectedDigest } from "./expected-digest.js";

const file = { name: "a", key: "k", sizeBytes: 1 };
const [md5, sha256] = ["0123456789abcdef0123456789abcdef", "ab".repeat(32)];
const never = new AbortController().signal;

describe("the digest that a file must have", () => {
  it("is that of its manifest before that of its etag", () => {
    expect(expectedDigest({ ...file, etag: md5, sha256 })).toEqual({ algorithm: "sha256", digest: sha256 });
    expect(expectedDigest({ ...file, etag: md5 })).toEqual({ algorithm: "md5", digest: md5 });
  });

  it.each([`${md5}-3`, "abc", "", md5.toUpperCase(), `${md5}0`])("is not known from the etag %j", (etag) => {
    expect(expectedDigest({ ...file, etag })).toBeUndefined();
  });
});

describe("a digest", () => {
  const known: Readonly<Record<DigestAlgorithm, string>> = {
    md5: createHash("md5").update("123456789").digest("hex"),
    sha1: createHash("sha1").update("123456789").digest("hex"),
    sha256: createHash("sha256").update("123456789").digest("hex"),
    // The check values of the catalogues of CRCs.
    crc32: "cbf43926",
    crc32c: "e3069283",
  };
  const algorithms = Object.keys(known) as readonly DigestAlgorithm[];

  it("is the same however the bytes come", () => {
    fc.assert(
      fc.property(fc.constantFrom(...algorithms), fc.nat(9), fc.nat(9), (each, a, b) => {
        const bytes = Buffer.from("123456789");
        const sum = digester(each);
        for (const [from, to] of [
          [0, Math.min(a, b)],
          [Math.min(a, b), Math.max(a, b)],
          [Math.max(a, b), 9],
        ]) {
          sum.update(bytes.subarray(from, to));
        }
        expect(sum.digest()).toBe(known[each]);
      }),
    );
  });

  it("has all its digits", () => {
    const sum = digester("crc32");
    sum.update(Buffer.alloc(0));
    expect(sum.digest()).toBe("00000000");
  });

  it("is the same on a thread, for several files at a time, and of a file that is not there none", async () => {
    await using folder = await tempFolder();
    await using digests = digestThread();
    const bytes = new Uint8Array(LARGE_BYTES + 7).map((_, index) => index * 13);
    await writeFile(folder.at("large"), bytes);
    const large = { path: folder.at("large"), sizeBytes: bytes.length };
    const found = await Promise.all(algorithms.map((algorithm) => digests.digest({ ...large, algorithm }, never)));
    const wanted = algorithms.map((algorithm) => {
      const sum = digester(algorithm);
      sum.update(bytes);
      return sum.digest();
    });
    expect(found).toEqual(wanted);
    const gone = { path: folder.at("gone"), sizeBytes: bytes.length, algorithm: "md5" } as const;
    await expect(digests.digest(gone, never)).rejects.toThrow(/ENOENT/);
    const aborted = AbortSignal.abort(new Error("enough"));
    await expect(digests.digest({ ...large, algorithm: "md5" }, aborted)).rejects.toThrow("enough");
  });
});
