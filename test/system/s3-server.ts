import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { root } from "../repository/sources.js";

/** A real S3 server, and the ways of a test with it. */
export interface S3Server extends AsyncDisposable {
  readonly endpoint: string;
  /** What points clients at it, as Kubeflow sets it. */
  readonly env: Readonly<Record<string, string>>;
  /** The same as options of `s3Source`. */
  readonly options: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  createBucket(bucket: string): Promise<void>;
  /** Removes all below a prefix. */
  empty(bucket: string, prefix?: string): Promise<void>;
  deleteBucket(bucket: string): Promise<void>;
  put(bucket: string, key: string, body: string | Uint8Array): Promise<void>;
  /** Lets everybody do something with a bucket and its objects. */
  allow(bucket: string, ...actions: readonly string[]): Promise<void>;
  /** Uploads a version of a model that TensorFlow made, in the order of its names. */
  addModel(place: { readonly bucket: string; readonly prefix: string }, model: string): Promise<void>;
  stop(): Promise<void>;
}

const KEY = "servable-test";
const SECRET = "servable-test-secret";

/** A server's program. */
export interface S3Program {
  readonly kind: "minio" | "versitygw";
  readonly program: string;
}

/** MinIO, provided by `npm test`. */
export const MINIO: S3Program = { kind: "minio", program: process.env["SERVABLE_MINIO"] ?? "" };

/** The servers that there are, provided by `npm test`. */
export const S3_SERVERS: readonly S3Program[] = [
  MINIO,
  { kind: "versitygw", program: process.env["SERVABLE_VERSITYGW"] ?? "" },
];

/** Starts a server with an empty disk; `certificates` holds a key and a certificate, as MinIO wants them. */
export async function startS3(
  { kind, program }: S3Program,
  { certificates, region = "us-east-1" }: { readonly certificates?: string; readonly region?: string } = {},
): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), "servable-s3-"));
  const port = await freePort();
  await mkdir(join(folder, "data"));
  const address = `127.0.0.1:${port}`;
  const minioTls = certificates === undefined ? [] : ["--certs-dir", certificates];
  const gatewayTls =
    certificates === undefined
      ? []
      : ["--cert", join(certificates, "public.crt"), "--key", join(certificates, "private.key")];
  const args =
    kind === "minio"
      ? ["server", "--address", address, ...minioTls, join(folder, "data")]
      : ["--port", address, "--region", region, ...gatewayTls, "posix", join(folder, "data")];
  const env = {
    MINIO_ROOT_USER: KEY,
    MINIO_ROOT_PASSWORD: SECRET,
    MINIO_SITE_REGION: region,
    ROOT_ACCESS_KEY: KEY,
    ROOT_SECRET_KEY: SECRET,
  };
  const child = spawn(program, args, { env: { ...process.env, ...env, HOME: folder }, stdio: "ignore" });
  const ended = once(child, "close");
  const endpoint = `${certificates === undefined ? "http" : "https"}://${address}`;
  const options = { endpoint, region, credentials: { accessKeyId: KEY, secretAccessKey: SECRET } };
  const agent =
    certificates === undefined ? {} : { httpsAgent: { ca: await readFile(join(certificates, "CAs", "ca.crt")) } };
  const client = new S3Client({ ...options, forcePathStyle: true, requestHandler: agent });
  const server: S3Server = {
    endpoint,
    env: {
      S3_ENDPOINT: address,
      S3_USE_HTTPS: certificates === undefined ? "0" : "1",
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: KEY,
      AWS_SECRET_ACCESS_KEY: SECRET,
    },
    options,
    createBucket: async (Bucket) => void (await client.send(new CreateBucketCommand({ Bucket }))),
    async empty(Bucket, Prefix = "") {
      for (;;) {
        const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
        if (Contents.length === 0) return;
        await client.send(
          new DeleteObjectsCommand({ Bucket, Delete: { Objects: Contents.map(({ Key }) => ({ Key })) } }),
        );
      }
    },
    deleteBucket: async (Bucket) => void (await client.send(new DeleteBucketCommand({ Bucket }))),
    put: async (Bucket, Key, Body) => void (await client.send(new PutObjectCommand({ Bucket, Key, Body }))),
    async allow(Bucket, ...actions) {
      const Resource = [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`];
      // Of actions on objects and on the bucket each needs the resource that it is about.
      const Statement = actions.map((Action) => ({
        Effect: "Allow",
        Principal: "*",
        Action,
        Resource: Action.includes("Object") ? Resource[1] : Resource[0],
      }));
      const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
      await client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    },
    async addModel({ bucket, prefix }, model) {
      for (const name of MODEL_FILES)
        await server.put(bucket, `${prefix}${name}`, await readFile(join(root, "fixtures", model, name)));
    },
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await answers(client);
  return server;
}

export const MODEL_FILES = [
  "saved_model.pb",
  "variables/variables.index",
  "variables/variables.data-00000-of-00001",
] as const;

/** Waits until a server answers; it says nothing by itself when it does. */
async function answers(client: S3Client): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await client.send(new ListObjectsV2Command({ Bucket: "none" }));
      return;
    } catch (error) {
      if (error instanceof Error && error.name === "NoSuchBucket") return;
      if (tries > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
