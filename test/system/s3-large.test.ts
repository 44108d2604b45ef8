import { cp, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publishToS3, s3Source } from "@servable/source-s3";
import { firstValueFrom } from "rxjs";
import { describe, expect, it } from "vitest";
import { root } from "../repository/sources.js";
import { MINIO, startS3 } from "./s3-server.js";

const LARGE_BYTES = 5 * 2 ** 30;

describe.skipIf(process.env["SERVABLE_NIGHTLY"] !== "1" || MINIO.program === "")("a file of 5 GiB", () => {
  it("is published, fetched and verified in bounded memory", { timeout: 1_800_000 }, async () => {
    await using server = await startS3(MINIO);
    await server.createBucket("bucket");
    const folder = await mkdtemp(join(tmpdir(), "servable-s3-large-"));
    try {
      await cp(join(root, "fixtures/half_plus_two/1"), join(folder, "model"), { recursive: true });
      const file = await open(join(folder, "model", "large.bin"), "w");
      await file.truncate(LARGE_BYTES);
      // So that not all of it is alike.
      for (let at = 0; at < LARGE_BYTES; at += 2 ** 27) await file.write(`at ${at}`, at);
      await file.close();
      const before = process.memoryUsage.rss();
      const url = "s3://bucket/base";
      await publishToS3({ folder: join(folder, "model"), url, ...server.options });
      const cacheFolder = join(folder, "cache");
      const { versions } = await firstValueFrom(
        s3Source({ name: "m", url, ...server.options, cacheFolder, pollMs: 0 }),
      );
      const [version] = versions;
      if (version === undefined || "error" in version) throw new Error("no version");
      await using files = await version.data.open({ signal: new AbortController().signal, report: () => {} });
      for (const at of [0, 2 ** 27, 39 * 2 ** 27]) {
        const text = `at ${at}`;
        const bytes = await files.read("large.bin", { start: at, end: at + text.length });
        expect(Buffer.from(bytes).toString()).toBe(text);
      }
      expect(process.resourceUsage().maxRSS * 1_024 - before).toBeLessThan(400e6);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
