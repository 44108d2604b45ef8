import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { type Progress, ServingError } from "@servable/core";
import { formatManifest, MANIFEST_FILE } from "@servable/saved-model";
import { manifestFiles } from "@servable/source-folders";
import { withTries } from "./fetch/retry.js";
import { resolveConnection, type S3ConnectionOptions } from "./store/connection.js";
import type { ObjectStore } from "./store/object-store.js";
import { s3Store } from "./store/s3-store.js";
import { formatS3Url, parseS3Url } from "./store/s3-url.js";

/** What is put where. */
export interface PublishOptions extends S3ConnectionOptions {
  /** A folder that holds one version: `saved_model.pb` and what belongs to it. */
  readonly folder: string;
  /** The model's address: `s3://bucket/models/mnist`. */
  readonly url: string;
  /** Its number. @defaultValue the highest that is there, and one */
  readonly version?: number | undefined;
  /** @defaultValue never aborted */
  readonly signal?: AbortSignal | undefined;
  /** Told how far it has come. @defaultValue nobody */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** What stands for the bucket. @defaultValue the AWS SDK */
  readonly store?: ObjectStore | undefined;
}

/** What was put. */
export interface Published {
  readonly version: number;
  readonly url: string;
  readonly files: number;
  readonly totalBytes: number;
}

const TRIES = { attempts: 5, delayMs: 200 };

/**
 * Puts a version into a bucket so that nobody ever sees half of it: all files, then its manifest, which makes it
 * complete, then the pointer above it, which tells watchers of it.
 * @throws ServingError FAILED_PRECONDITION if the folder is not complete, ALREADY_EXISTS if the version is there
 */
export async function publishToS3(options: PublishOptions): Promise<Published> {
  const { folder, url, signal = new AbortController().signal, onProgress = () => {} } = options;
  const place = parseS3Url(url);
  const store = options.store ?? s3Store(place.bucket, resolveConnection(options, process.env));
  const files = await manifestFiles(folder, signal);
  const existing = await withTries(() => store.list(place.prefix, { oneLevel: true, signal }), {
    tries: TRIES,
    signal,
  });
  const numbers = existing.folders
    .map((each) => each.slice(place.prefix.length, -1))
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const version = options.version ?? Math.max(0, ...numbers) + 1;
  if (numbers.includes(version)) {
    throw new ServingError(
      "ALREADY_EXISTS",
      `${formatS3Url(place, String(version))} is there already; publish another version`,
    );
  }
  const prefix = `${place.prefix}${version}/`;
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let done = 0;
  for (const { name, sizeBytes } of files) {
    const body = { path: join(resolve(folder), ...name.split("/")), sizeBytes };
    await withTries(() => store.put(`${prefix}${name}`, { body, signal }), { tries: TRIES, signal });
    done += sizeBytes;
    onProgress({ stage: "upload", done, total, unit: "bytes" });
  }
  const manifest = new TextEncoder().encode(formatManifest({ files }));
  await withTries(() => store.put(`${prefix}${MANIFEST_FILE}`, { body: manifest, signal }), { tries: TRIES, signal });
  const sha256 = createHash("sha256").update(manifest).digest("hex");
  const pointer = new TextEncoder().encode(`${JSON.stringify({ servable: 1, version, manifest: sha256 })}\n`);
  await withTries(() => store.put(`${place.prefix}${MANIFEST_FILE}`, { body: pointer, signal }), {
    tries: TRIES,
    signal,
  });
  return { version, url: formatS3Url(place, String(version)), files: files.length, totalBytes: total };
}
