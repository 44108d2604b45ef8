// A MinIO of a bench's own, on a folder that goes with it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

const PROGRAM = process.env.SERVABLE_MINIO ?? fileURLToPath(new URL("../../.cache/bin/minio", import.meta.url));
const [accessKeyId, secretAccessKey] = ["servable-bench", "servable-bench-secret"];

/** Starts MinIO with one bucket, `models`. */
export async function startMinio() {
  if (!existsSync(PROGRAM)) throw new Error(`there is no ${PROGRAM}; npm test provides it`);
  const folder = await mkdtemp(join(tmpdir(), "servable-minio-"));
  const port = await freePort();
  const env = { ...process.env, MINIO_ROOT_USER: accessKeyId, MINIO_ROOT_PASSWORD: secretAccessKey, HOME: folder };
  const args = ["server", "--address", `127.0.0.1:${port}`, join(folder, "data")];
  const child = spawn(PROGRAM, args, { env, stdio: "ignore" });
  const ended = once(child, "close");
  const endpoint = `http://127.0.0.1:${port}`;
  const options = { endpoint, region: "us-east-1", credentials: { accessKeyId, secretAccessKey } };
  const client = new S3Client({ ...options, forcePathStyle: true, maxAttempts: 100 });
  await client.send(new CreateBucketCommand({ Bucket: "models" }));
  return {
    endpoint,
    /** What points s3Source at it. */
    options,
    put: (Key, Body) => client.send(new PutObjectCommand({ Bucket: "models", Key, Body })),
    async stop() {
      client.destroy();
      child.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort() {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address();
  server.close();
  return port;
}
