import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A small S3 server in memory, over real HTTP, for what no real one does on demand. */
export interface FakeS3 extends AsyncDisposable {
  readonly endpoint: string;
  /** Requests so far, as `GET key` or `LIST prefix`. */
  readonly log: readonly string[];
  put(key: string, body: string | Uint8Array, options?: PutOptions): void;
  remove(prefix: string): void;
  /** Answers the next requests in its place; return true if it has answered. */
  intercept: ((request: IncomingMessage, response: ServerResponse, what: string) => boolean) | undefined;
}

/** How an object is stored. */
export interface PutOptions {
  /** @defaultValue the MD5 of the bytes */
  readonly etag?: string;
  /** @defaultValue an hour ago */
  readonly modified?: Date;
}

export const BUCKET = "models";

interface FakeObject {
  readonly body: Buffer;
  readonly etag: string;
  readonly modified: Date;
}

export async function fakeS3({ pageSize = 1_000 }: { readonly pageSize?: number } = {}): Promise<FakeS3> {
  const objects = new Map<string, FakeObject>();
  const log: string[] = [];
  const fake = { intercept: undefined as FakeS3["intercept"] };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://s3");
    const [, bucket = "", ...rest] = url.pathname.split("/").map(decodeURIComponent);
    const key = rest.join("/");
    const prefix = url.searchParams.get("prefix") ?? "";
    const isList = key === "" && request.method === "GET";
    const what = isList ? `LIST ${prefix}` : `${request.method} ${key}`;
    log.push(what);
    if (fake.intercept?.(request, response, what)) return;
    if (bucket !== BUCKET) return fail(response, 404, "NoSuchBucket");
    if (isList) return list(objects, { url, prefix, pageSize, response });
    if (request.method === "PUT") return void take(request, response, (body) => put(key, body));
    const object = objects.get(key);
    if (object === undefined) return fail(response, 404, "NoSuchKey");
    serve(object, request, response);
  });
  const put = (key: string, body: string | Uint8Array, { etag, modified }: PutOptions = {}): void => {
    const bytes = Buffer.from(body);
    const md5 = createHash("md5").update(bytes).digest("hex");
    objects.set(key, { body: bytes, etag: etag ?? md5, modified: modified ?? new Date(Date.now() - 3_600_000) });
  };
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    put,
    remove(prefix) {
      for (const key of objects.keys()) if (key.startsWith(prefix)) objects.delete(key);
    },
    get intercept() {
      return fake.intercept;
    },
    set intercept(intercept) {
      fake.intercept = intercept;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with an error of S3. */
export function fail(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}, says the fake</Message></Error>`);
}

interface Listing {
  readonly url: URL;
  readonly prefix: string;
  readonly pageSize: number;
  readonly response: ServerResponse;
}

function list(objects: ReadonlyMap<string, FakeObject>, { url, prefix, pageSize, response }: Listing): void {
  const delimiter = url.searchParams.get("delimiter");
  const after = url.searchParams.get("continuation-token") ?? "";
  const rows = new Map<string, string>();
  for (const key of [...objects.keys()].sort()) {
    const object = objects.get(key);
    if (!key.startsWith(prefix) || object === undefined) continue;
    const cut = delimiter === null ? -1 : key.indexOf(delimiter, prefix.length);
    const { body, etag, modified } = object;
    const row = `<Key>${escape(key)}</Key><LastModified>${modified.toISOString()}</LastModified><ETag>&quot;${etag}&quot;</ETag><Size>${body.length}</Size>`;
    const folder = key.slice(0, cut + 1);
    if (cut === -1) rows.set(key, `<Contents>${row}</Contents>`);
    else rows.set(folder, `<CommonPrefixes><Prefix>${escape(folder)}</Prefix></CommonPrefixes>`);
  }
  const left = [...rows].filter(([name]) => name > after);
  const page = left.slice(0, pageSize);
  const next = left.length > page.length ? page.at(-1)?.[0] : undefined;
  const token = next === undefined ? "" : `<NextContinuationToken>${escape(next)}</NextContinuationToken>`;
  const truncated = `<IsTruncated>${next !== undefined}</IsTruncated>${token}`;
  response.setHeader("content-type", "application/xml");
  response.end(
    `<?xml version="1.0"?><ListBucketResult>${truncated}${page.map(([, row]) => row).join("")}</ListBucketResult>`,
  );
}

function serve({ body, etag, modified }: FakeObject, request: IncomingMessage, response: ServerResponse): void {
  const { range, "if-match": ifMatch, "if-none-match": ifNoneMatch } = request.headers;
  if (ifMatch !== undefined && ifMatch !== `"${etag}"`) return fail(response, 412, "PreconditionFailed");
  if (ifNoneMatch === `"${etag}"`) return void response.writeHead(304).end();
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
  const part = first === undefined ? body : body.subarray(Number(first), Number(last) + 1);
  response.writeHead(first === undefined ? 200 : 206, {
    etag: `"${etag}"`,
    "content-length": part.length,
    "last-modified": modified.toUTCString(),
    ...(first !== undefined && { "content-range": `bytes ${first}-${Number(first) + part.length - 1}/${body.length}` }),
  });
  response.end(request.method === "HEAD" ? undefined : part);
}

async function take(request: IncomingMessage, response: ServerResponse, onBody: (body: Buffer) => void): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  onBody(Buffer.concat(chunks));
  response.writeHead(200, { etag: '"put"' }).end();
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
