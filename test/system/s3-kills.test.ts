import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { s3Source } from "@servable/source-s3";
import { firstValueFrom } from "rxjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../repository/sources.js";
import { mulberry } from "./mulberry.js";
import { MINIO, type S3Server, startS3 } from "./s3-server.js";

const RUNS = process.env["SERVABLE_NIGHTLY"] === "1" ? 100 : 10;

/** Opens version 1, and writes a line for each step on the way. */
const OPENER = `
import { s3Source } from "@servable/source-s3";
import { firstValueFrom } from "rxjs";
const { versions } = await firstValueFrom(s3Source({ ...JSON.parse(process.argv[1]), complete: () => undefined }));
const files = await versions[0].data.open({
  signal: new AbortController().signal,
  report: () => process.stdout.write("step\\n"),
});
process.stdout.write("open\\n");
await files[Symbol.asyncDispose]();
`;

describe("a process that is killed while it fetches", () => {
  let server: S3Server;
  const contents = { a: randomBytes(3_000_000), "folder/b": randomBytes(800_000), c: randomBytes(10) };
  beforeAll(async () => {
    if (MINIO.program === "") return;
    server = await startS3(MINIO);
    await server.createBucket("bucket");
    for (const [name, bytes] of Object.entries(contents)) await server.put("bucket", `base/1/${name}`, bytes);
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it.skipIf(MINIO.program === "").each(Array.from({ length: RUNS }, (_, seed) => seed))(
    "leaves nothing that another, beside it or after it, stumbles over (seed %d)",
    async (seed) => {
      const random = mulberry(seed);
      const cacheFolder = await mkdtemp(join(tmpdir(), "servable-s3-kills-"));
      const options = {
        name: "m",
        url: "s3://bucket/base",
        ...server.options,
        cacheFolder,
        pollMs: 0,
        partBytes: 30_000,
        concurrency: 3,
      };
      const open = (): ChildProcess =>
        spawn(process.execPath, ["--input-type=module", "-e", OPENER, JSON.stringify(options)], {
          cwd: root,
          stdio: ["ignore", "pipe", "ignore"],
        });
      /** Kills one at a step by chance, of a hundred or so; it may come to its end before. */
      const killed = async (child: ChildProcess): Promise<void> => {
        let left = Math.floor(random() * 110);
        if (child.stdout === null) throw new Error("no output");
        for await (const _ of createInterface({ input: child.stdout })) if (left-- === 0) child.kill("SIGKILL");
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      };
      try {
        await Promise.all([killed(open()), killed(open())]);
        // One more, which may find what two have left.
        await killed(open());
        const { versions } = await firstValueFrom(s3Source({ ...options, complete: () => undefined }));
        const [version] = versions;
        if (version === undefined || "error" in version) throw new Error("no version");
        const files = await version.data.open({ signal: new AbortController().signal, report: () => {} });
        for (const [name, bytes] of Object.entries(contents))
          expect(Buffer.from(await files.read(name)).equals(bytes), name).toBe(true);
        await files[Symbol.asyncDispose]();
        expect(await readdir(join(cacheFolder, "staging"))).toEqual([]);
        expect(await readdir(join(cacheFolder, "claims"))).toEqual([]);
        expect(await readdir(join(cacheFolder, "quarantine"))).toEqual([]);
        expect(await readdir(join(cacheFolder, "entries"))).toHaveLength(1);
      } finally {
        await rm(cacheFolder, { recursive: true, force: true });
      }
    },
  );
});
