import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import type * as AwsS3 from "@aws-sdk/client-s3";
import type { GetObjectCommandOutput, HeadObjectCommandOutput, S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { ServingError } from "@servable/core";
import type { S3Connection } from "./connection.js";
import type { GetOptions, ObjectChecksum, ObjectListing, ObjectStore, StoredObject, Upload } from "./object-store.js";
import { StoreError } from "./object-store.js";
import { storeError } from "./store-error.js";

type Sdk = typeof AwsS3;

/** Sockets per server: those of the transfers, and some for listings beside them. */
const MAX_SOCKETS = 64;

/** Uploads above this go in parts of this size. */
const UPLOAD_PART_BYTES = 16 * 2 ** 20;

/** A bucket behind the AWS SDK, which is loaded at the first call; it does not try again by itself. */
export function s3Store(bucket: string, connection: S3Connection): ObjectStore {
  let opening: Promise<{ readonly sdk: Sdk; readonly client: S3Client }> | undefined;
  const open = (): NonNullable<typeof opening> => {
    opening ??= connect(connection).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  /** Runs one request; what it fails with says what that means. */
  const run = async <T>(key: string, signal: AbortSignal, request: Request<T>): Promise<T> => {
    signal.throwIfAborted();
    try {
      const { sdk, client } = await open();
      return await request(sdk, client);
    } catch (error) {
      signal.throwIfAborted();
      throw ServingError.is(error) ? error : storeError(error, `s3://${bucket}/${key}`);
    }
  };

  return {
    async list(prefix, { oneLevel, signal }): Promise<ObjectListing> {
      const objects: StoredObject[] = [];
      const folders: string[] = [];
      let token: string | undefined;
      let requests = 0;
      do {
        const page = await run(prefix, signal, (sdk, client) =>
          client.send(
            new sdk.ListObjectsV2Command({
              Bucket: bucket,
              Prefix: prefix,
              ...(oneLevel && { Delimiter: "/" }),
              ...(token !== undefined && { ContinuationToken: token }),
            }),
            { abortSignal: signal },
          ),
        );
        requests++;
        for (const { Key: key, Size: sizeBytes = 0, ETag: etag = "", LastModified: modified } of page.Contents ?? []) {
          if (key !== undefined)
            objects.push({ key, sizeBytes, etag: unquoted(etag), modifiedMs: modified?.getTime() ?? 0 });
        }
        for (const { Prefix: folder } of page.CommonPrefixes ?? []) if (folder !== undefined) folders.push(folder);
        const next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
        if (next !== undefined && next === token)
          throw new StoreError("passing", `s3://${bucket}/${prefix}: the same page again`);
        token = next;
      } while (token !== undefined);
      return { objects, folders, requests };
    },

    async get(key, options): Promise<AsyncIterable<Uint8Array>> {
      const { range, signal } = options;
      // An empty range cannot be asked for.
      if (range !== undefined && range.start === range.end) return nothing();
      const output = await run(key, signal, (sdk, client) =>
        client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key, ...conditions(options) }), {
          abortSignal: signal,
        }),
      );
      return chunksOf(output, { place: `s3://${bucket}/${key}`, signal });
    },

    async checksum(key, options): Promise<ObjectChecksum | undefined> {
      const input = { Bucket: bucket, Key: key, ChecksumMode: "ENABLED" as const, ...conditions(options) };
      const { signal } = options;
      return checksumIn(
        await run(key, signal, (sdk, client) => client.send(new sdk.HeadObjectCommand(input), { abortSignal: signal })),
      );
    },

    async put(key, { body, signal, onSent = () => {} }: Upload): Promise<void> {
      const sizeBytes = body instanceof Uint8Array ? body.length : body.sizeBytes;
      if (body instanceof Uint8Array || sizeBytes <= UPLOAD_PART_BYTES) {
        const bytes = body instanceof Uint8Array ? body : await readFile(body.path);
        await run(key, signal, (sdk, client) =>
          client.send(new sdk.PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }), { abortSignal: signal }),
        );
        onSent(sizeBytes);
        return;
      }
      await run(key, signal, (sdk, client) =>
        uploadParts({ sdk, client, bucket, key }, { path: body.path, sizeBytes, signal, onSent }),
      );
    },
  };
}

type Request<T> = (sdk: Sdk, client: S3Client) => Promise<T>;

async function connect(connection: S3Connection): Promise<{ readonly sdk: Sdk; readonly client: S3Client }> {
  const sdk = await loadSdk();
  const { endpoint, region, credentials, pathStyle, verifyTls, caFile } = connection;
  const ca = caFile === undefined ? undefined : await readAuthorities(caFile);
  const config: S3ClientConfig = {
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    ...signing(credentials),
    forcePathStyle: pathStyle,
    followRegionRedirects: endpoint === undefined,
    // One place decides on tries and pauses: ours, which knows what they are for.
    maxAttempts: 1,
    // Older and other servers refuse the headers of newer checksums.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: 5_000,
      httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      httpsAgent: {
        keepAlive: true,
        maxSockets: MAX_SOCKETS,
        rejectUnauthorized: verifyTls,
        ...(ca !== undefined && { ca }),
      },
    },
  };
  return { sdk, client: new sdk.S3Client(config) };
}

function signing(credentials: S3Connection["credentials"]): Pick<S3ClientConfig, "signer" | "credentials"> {
  if (credentials === undefined) return {};
  if (credentials === "anonymous") {
    return { signer: { sign: async (request) => request }, credentials: { accessKeyId: "", secretAccessKey: "" } };
  }
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return { credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) } };
}

async function loadSdk(): Promise<Sdk> {
  try {
    return await import("@aws-sdk/client-s3");
  } catch (error) {
    const text = "reading s3:// addresses needs the AWS SDK: npm install @aws-sdk/client-s3";
    throw new ServingError("FAILED_PRECONDITION", text, { cause: error });
  }
}

async function readAuthorities(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const text = `the certificates in ${path} (AWS_CA_BUNDLE, or caFile) cannot be read`;
    throw new ServingError("INVALID_ARGUMENT", text, { cause: error });
  }
}

function conditions({ range, ifMatch, ifNoneMatch }: GetOptions): Record<string, string> {
  return {
    // HTTP counts the last byte in.
    ...(range !== undefined && { Range: `bytes=${range.start}-${range.end - 1}` }),
    ...(ifMatch !== undefined && { IfMatch: `"${ifMatch}"` }),
    ...(ifNoneMatch !== undefined && { IfNoneMatch: `"${ifNoneMatch}"` }),
  };
}

interface Reading {
  readonly place: string;
  readonly signal: AbortSignal;
}

async function* chunksOf(
  { Body: body }: GetObjectCommandOutput,
  { place, signal }: Reading,
): AsyncGenerator<Uint8Array> {
  if (body === undefined || !(Symbol.asyncIterator in body)) throw new StoreError("passing", `${place}: no body`);
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) yield chunk;
  } catch (error) {
    signal.throwIfAborted();
    throw storeError(error, place);
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function checksumIn(output: HeadObjectCommandOutput): ObjectChecksum | undefined {
  // Of an object that came in parts, a checksum may be one of checksums.
  if (output.ChecksumType === "COMPOSITE") return undefined;
  const found = [
    ["sha256", output.ChecksumSHA256],
    ["sha1", output.ChecksumSHA1],
    ["crc32c", output.ChecksumCRC32C],
    ["crc32", output.ChecksumCRC32],
  ] as const;
  for (const [algorithm, text] of found) {
    if (text !== undefined && !text.includes("-"))
      return { algorithm, digest: Buffer.from(text, "base64").toString("hex") };
  }
  return undefined;
}

interface UploadTarget {
  readonly sdk: Sdk;
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
}

interface FileUpload {
  readonly path: string;
  readonly sizeBytes: number;
  readonly signal: AbortSignal;
  readonly onSent: (bytes: number) => void;
}

async function uploadParts({ sdk, client, bucket, key }: UploadTarget, upload: FileUpload): Promise<void> {
  const { path, sizeBytes, signal, onSent } = upload;
  const target = { Bucket: bucket, Key: key };
  const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(target), { abortSignal: signal });
  // At most 10,000 parts are allowed.
  const partBytes = Math.max(UPLOAD_PART_BYTES, Math.ceil(sizeBytes / 10_000));
  try {
    const parts: { readonly ETag: string | undefined; readonly PartNumber: number }[] = [];
    for (let start = 0; start < sizeBytes; start += partBytes) {
      const end = Math.min(start + partBytes, sizeBytes);
      const chunks: Buffer[] = [];
      for await (const chunk of createReadStream(path, { start, end: end - 1 })) chunks.push(chunk);
      const part = { ...target, UploadId, PartNumber: parts.length + 1, Body: Buffer.concat(chunks) };
      const { ETag } = await client.send(new sdk.UploadPartCommand(part), { abortSignal: signal });
      parts.push({ ETag, PartNumber: part.PartNumber });
      onSent(end - start);
    }
    const done = { ...target, UploadId, MultipartUpload: { Parts: parts } };
    await client.send(new sdk.CompleteMultipartUploadCommand(done), { abortSignal: signal });
  } catch (error) {
    // What is not ended is stored, and paid for, without an end.
    await client.send(new sdk.AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => {});
    throw error;
  }
}

function unquoted(etag: string): string {
  return etag.replace(/^"|"$/g, "");
}
