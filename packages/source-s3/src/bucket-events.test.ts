import { describe, expect, it } from "vitest";
import { type BucketEvent, bucketEvents, isElsewhere, parseBucketEvents } from "./bucket-events.js";

/** As MinIO posts it to a webhook. */
const MINIO = {
  EventName: "s3:ObjectCreated:Put",
  Key: "models/my mnist/1/saved_model.pb",
  Records: [
    {
      eventVersion: "2.0",
      eventSource: "minio:s3",
      eventName: "s3:ObjectCreated:Put",
      s3: {
        s3SchemaVersion: "1.0",
        bucket: { name: "models", arn: "arn:aws:s3:::models" },
        object: { key: "my+mnist%2F1%2Fsaved_model.pb", size: 12, eTag: "ab", sequencer: "17" },
      },
    },
  ],
};

/** As EventBridge hands it on. */
const EVENT_BRIDGE = {
  version: "0",
  "detail-type": "Object Created",
  source: "aws.s3",
  detail: { version: "0", bucket: { name: "models" }, object: { key: "my mnist/1%+a", size: 5 }, reason: "PutObject" },
};
const SNS = { Type: "Notification", Message: JSON.stringify(MINIO) };

describe("the events of a bucket", () => {
  const cases: readonly [string, unknown, readonly BucketEvent[] | undefined][] = [
    ["MinIO", MINIO, [{ bucket: "models", key: "my mnist/1/saved_model.pb" }]],
    ["EventBridge", EVENT_BRIDGE, [{ bucket: "models", key: "my mnist/1%+a" }]],
    ["SNS", SNS, [{ bucket: "models", key: "my mnist/1/saved_model.pb" }]],
    ["a store that tries whether somebody listens", { Service: "Amazon S3", Event: "s3:TestEvent" }, []],
    ["records of something else", { Records: [{}, null, { s3: { bucket: 1 } }] }, []],
    [
      "a key that is not encoded as it should be",
      { Records: [{ s3: { bucket: { name: "b" }, object: { key: "100%" } } }] },
      [{ bucket: "b", key: "100%" }],
    ],
    ["another service of AWS", { source: "aws.ec2", detail: {} }, undefined],
    ["no event", { a: 1 }, undefined],
    ["a list", [], undefined],
    ["names of prototypes", JSON.parse('{"__proto__":{"Event":"s3:TestEvent"}}'), undefined],
  ];
  it.each(cases)("are read from %s", (_, body, events) => {
    expect(parseBucketEvents(JSON.stringify(body))).toEqual(events);
  });

  it.each(["", "{", "null", "1", '"text"'])("are not in %j", (text) => {
    expect(parseBucketEvents(text)).toBeUndefined();
  });

  it.each([
    [{ bucket: "b", key: "base/1/x" }, false],
    [{ bucket: "b", key: "baseline/1/x" }, true],
    [{ bucket: "other", key: "base/1/x" }, true],
    ["a hint without a place", false],
    [undefined, false],
  ])("%j is elsewhere: %s", (event, elsewhere) => {
    expect(isElsewhere(event, { bucket: "b", prefix: "base/" })).toBe(elsewhere);
  });
});

describe("the handler of events", () => {
  const post = (body: string, headers: Record<string, string> = {}): Request =>
    new Request("http://h/events", { method: "POST", body, headers });

  it("tells of each event, and answers 204", async () => {
    const { handle, refresh$ } = bucketEvents();
    const seen: BucketEvent[] = [];
    refresh$.subscribe((event) => seen.push(event));
    expect((await handle(post(JSON.stringify(MINIO)))).status).toBe(204);
    expect((await handle(post(JSON.stringify(EVENT_BRIDGE)))).status).toBe(204);
    expect(seen.map(({ key }) => key)).toEqual(["my mnist/1/saved_model.pb", "my mnist/1%+a"]);
  });

  it("takes none from whom it does not know", async () => {
    const { handle, refresh$ } = bucketEvents({ token: "secret" });
    const seen: unknown[] = [];
    refresh$.subscribe((event) => seen.push(event));
    const body = JSON.stringify(MINIO);
    for (const headers of [{}, { authorization: "Bearer wrong" }, { authorization: "Bearer secret2" }])
      expect((await handle(post(body, { ...headers }))).status).toBe(401);
    expect(seen).toEqual([]);
    expect((await handle(post(body, { authorization: "bearer secret" }))).status).toBe(204);
    // MinIO sends the token as it was set, with or without the word.
    expect((await handle(post(body, { authorization: "secret" }))).status).toBe(204);
    expect(seen).toHaveLength(2);
  });

  it("says what it does not take", async () => {
    const { handle } = bucketEvents();
    const get = await handle(new Request("http://h/events"));
    expect([get.status, get.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await handle(post("{}"))).status).toBe(400);
    expect((await handle(post(""))).status).toBe(400);
    expect((await handle(post(" ".repeat(2 ** 20 + 1)))).status).toBe(413);
  });
});
