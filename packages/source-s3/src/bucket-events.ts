import { timingSafeEqual } from "node:crypto";
import { type Observable, Subject } from "rxjs";
import type { S3Place } from "./store/s3-url.js";

/** An object was put or removed. */
export interface BucketEvent {
  readonly bucket: string;
  readonly key: string;
}

/** Takes the events of buckets over HTTP. */
export interface BucketEvents {
  /** To be given to `s3Source` as `refresh$`; hot. */
  readonly refresh$: Observable<BucketEvent>;
  /**
   * Answers a POST of MinIO's webhook, of S3 notifications, or of EventBridge: 204, 400 for what is no event, 401 without
   * the token, 405 for other methods, 413 for a body of more than a megabyte.
   */
  handle(request: Request): Promise<Response>;
}

/** Options of {@link bucketEvents}. */
export interface BucketEventsOptions {
  /** What callers send as `Authorization: Bearer …`. @defaultValue everybody may call: an event only makes a source look */
  readonly token?: string | undefined;
}

const MAX_BYTES = 2 ** 20;

/** Makes a handler for bucket events, to be mounted in any server, and the stream that makes sources look. */
export function bucketEvents({ token }: BucketEventsOptions = {}): BucketEvents {
  const events$ = new Subject<BucketEvent>();
  return {
    refresh$: events$.asObservable(),
    async handle(request) {
      if (request.method !== "POST") return new Response(null, { status: 405, headers: { allow: "POST" } });
      if (token !== undefined && !isToken(request.headers.get("authorization") ?? "", token))
        return new Response(null, { status: 401 });
      const text = await limitedText(request);
      if (text === undefined) return new Response(null, { status: 413 });
      const events = parseBucketEvents(text);
      if (events === undefined) return new Response("this is no event of a bucket\n", { status: 400 });
      for (const event of events) events$.next(event);
      return new Response(null, { status: 204 });
    },
  };
}

/**
 * The objects that a notification is about; undefined if it is none. Known are the records of S3, MinIO and their like,
 * plain or as the message of an SNS topic, and the events of EventBridge. Pure.
 */
export function parseBucketEvents(text: string): readonly BucketEvent[] | undefined {
  const body = parseJson(text);
  const message = at(body, "Message");
  if (typeof message === "string") return parseBucketEvents(message);
  const records = at(body, "Records");
  if (Array.isArray(records)) {
    // Keys are encoded as in a form there.
    return records.flatMap((record) => eventOf(at(record, "s3"), (key) => decode(key.replaceAll("+", " "))));
  }
  const detail = at(body, "detail");
  if (at(body, "source") === "aws.s3" && detail !== undefined) return eventOf(detail, (key) => key);
  // What a store sends to see whether somebody listens.
  return at(body, "Event") === "s3:TestEvent" ? [] : undefined;
}

/** Whether an event is about something that does not lie at a place. */
export function isElsewhere(event: unknown, { bucket, prefix }: S3Place): boolean {
  const [ofBucket, key] = [at(event, "bucket"), at(event, "key")];
  if (typeof ofBucket !== "string" || typeof key !== "string") return false;
  return ofBucket !== bucket || !key.startsWith(prefix);
}

function eventOf(value: unknown, decodeKey: (key: string) => string): readonly BucketEvent[] {
  const [bucket, key] = [at(at(value, "bucket"), "name"), at(at(value, "object"), "key")];
  return typeof bucket === "string" && typeof key === "string" ? [{ bucket, key: decodeKey(key) }] : [];
}

function at(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isToken(header: string, token: string): boolean {
  const [sent, wanted] = [Buffer.from(header.replace(/^Bearer\s+/i, "")), Buffer.from(token)];
  return sent.length === wanted.length && timingSafeEqual(sent, wanted);
}

async function limitedText({ body }: Request): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
