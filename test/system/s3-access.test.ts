import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { all } from "@servable/core";
import { s3Source } from "@servable/source-s3";
import { describe, expect, it } from "vitest";
import { run } from "./run.js";
import { S3_SERVERS, type S3Server, startS3 } from "./s3-server.js";

type Options = Partial<Parameters<typeof s3Source<string>>[0]>;

/** What the first look at `s3://bucket/base` comes to: the versions that it finds, or why it finds none. */
async function look(server: S3Server, options: Options): Promise<string> {
  const cacheFolder = await mkdtemp(join(tmpdir(), "servable-s3-access-"));
  try {
    return await new Promise((resolve) => {
      s3Source({
        name: "m",
        url: "s3://bucket/base",
        ...server.options,
        cacheFolder,
        versions: all(),
        pollMs: 0,
        complete: () => undefined,
        ...options,
      }).subscribe({
        next: ({ versions, notes = [] }) => resolve(versions.map(({ version }) => version).join() || notes.join()),
        error: (error: Error) => resolve(error.message),
      });
    });
  } finally {
    await rm(cacheFolder, { recursive: true, force: true });
  }
}

/** A key and a certificate of an authority of one's own, in a folder. */
async function makeCertificates(folder: string): Promise<void> {
  await mkdir(join(folder, "CAs"));
  const openssl = async (...args: readonly string[]): Promise<void> => {
    const { status, output } = await run("openssl", args, folder);
    if (status !== 0) throw new Error(output);
  };
  const subject = ["-nodes", "-days", "2", "-newkey", "rsa:2048"];
  await openssl("req", "-x509", ...subject, "-keyout", "ca.key", "-out", "CAs/ca.crt", "-subj", "/CN=ours");
  const named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const signed = ["-CA", "CAs/ca.crt", "-CAkey", "ca.key"];
  await openssl("req", "-x509", ...subject, ...signed, ...named, "-keyout", "private.key", "-out", "public.crt");
}

describe.each(S3_SERVERS)("access to $kind", (which) => {
  const real = it.skipIf(which.program === "");

  real("in the wrong region fails, and says how to name the right one", async () => {
    await using server = await startS3(which, { region: "eu-north-1" });
    await server.createBucket("bucket");
    await server.put("bucket", "base/1/a", "a");
    expect(await look(server, {})).toBe("1");
    expect(await look(server, { region: "us-west-2" })).toMatch(/the region is another one; set AWS_REGION/);
  });

  real("without the permission to list fails, and says which is missing", async () => {
    await using server = await startS3(which);
    await server.createBucket("bucket");
    await server.put("bucket", "base/1/a", "a");
    await server.allow("bucket", "s3:GetObject");
    expect(await look(server, { credentials: "anonymous" })).toMatch(/AccessDenied.*s3:ListBucket to list/);
    await server.allow("bucket", "s3:GetObject", "s3:ListBucket");
    expect(await look(server, { credentials: "anonymous" })).toBe("1");
  });

  real("over TLS takes the certificates that it is given, and no others", async () => {
    const certificates = await mkdtemp(join(tmpdir(), "servable-s3-tls-"));
    try {
      await makeCertificates(certificates);
      await using server = await startS3(which, { certificates });
      await server.createBucket("bucket");
      await server.put("bucket", "base/1/a", "a");
      expect(await look(server, { caFile: join(certificates, "CAs", "ca.crt") })).toBe("1");
      expect(await look(server, { verifyTls: false })).toBe("1");
      // Undefined would be what the environment says.
      expect(await look(server, { caFile: "/etc/hostname" })).toMatch(/certificate/);
      expect(await look(server, { caFile: "/nowhere/ca.crt" })).toMatch(/the certificates in \/nowhere\/ca.crt/);
    } finally {
      await rm(certificates, { recursive: true, force: true });
    }
  });
});
