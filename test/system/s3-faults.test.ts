import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { s3Source } from "@servable/source-s3";
import { filter, firstValueFrom } from "rxjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Fault, faultProxy } from "./fault-proxy.js";
import { mulberry } from "./mulberry.js";
import { MINIO, type S3Server, startS3 } from "./s3-server.js";

const RUNS = process.env["SERVABLE_NIGHTLY"] === "1" ? 500 : 50;
const FAULTS: readonly Fault[] = ["latency", "reset", "truncate", "flip", "error", "stall"];

describe("with faults between it and its bucket", () => {
  let server: S3Server;
  const contents = { a: randomBytes(40_000), "folder/b": randomBytes(25_000), c: randomBytes(10) };
  beforeAll(async () => {
    if (MINIO.program === "") return;
    server = await startS3(MINIO);
    await server.createBucket("bucket");
    for (const [name, bytes] of Object.entries(contents)) await server.put("bucket", `base/1/${name}`, bytes);
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it.skipIf(MINIO.program === "").each(Array.from({ length: RUNS }, (_, seed) => seed))(
    "a source ends with the right bytes, whole (seed %d)",
    async (seed) => {
      const random = mulberry(seed);
      const cacheFolder = await mkdtemp(join(tmpdir(), "servable-s3-faults-"));
      await using proxy = await faultProxy(Number(new URL(server.endpoint).port), random);
      let struck = 0;
      const share = 0.2 + random() * 0.5;
      proxy.next = () => {
        if (struck >= 25 || random() > share) return "none";
        struck++;
        return FAULTS[Math.floor(random() * FAULTS.length)] ?? "none";
      };
      try {
        const source = s3Source({
          name: "m",
          url: "s3://bucket/base",
          ...server.options,
          endpoint: proxy.endpoint,
          cacheFolder,
          complete: () => undefined,
          settleMs: 0,
          pollMs: 20,
          partBytes: 7_000,
          retryDelayMs: 2,
          stallMs: 100,
          concurrency: 4,
        });
        const { versions } = await firstValueFrom(source.pipe(filter((list) => list.versions.length > 0)));
        const [version] = versions;
        if (version === undefined || "error" in version) throw new Error("no version");
        const quiet = { signal: new AbortController().signal, report: () => {} };
        for (let attempt = 0; ; attempt++) {
          try {
            await using files = await version.data.open(quiet);
            for (const [name, bytes] of Object.entries(contents))
              expect(Buffer.from(await files.read(name)).equals(bytes)).toBe(true);
            break;
          } catch (error) {
            // As the manager does: what may pass is tried again.
            if (attempt === 20 || !(error instanceof Error) || error.name !== "ServingError") throw error;
          }
        }
        expect(await readdir(join(cacheFolder, "staging"))).toEqual([]);
        expect(await readdir(join(cacheFolder, "claims"))).toEqual([]);
      } finally {
        await rm(cacheFolder, { recursive: true, force: true });
      }
    },
  );
});
