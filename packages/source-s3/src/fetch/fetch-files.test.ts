import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import type { Progress } from "@servable/core";
import { describe, expect, it } from "vitest";
import { type TempFolder, tempFolder } from "../../../source-folders/src/testing/temp-folder.js";
import { resolveConnection } from "../store/connection.js";
import { s3Store } from "../store/s3-store.js";
import { BUCKET, type FakeS3, fail, fakeS3 } from "../testing/fake-s3.js";
import { type FetchedFile, type FetchSettings, fetchFiles } from "./fetch-files.js";
import type { WantedFile } from "./wanted-file.js";

const SETTINGS: FetchSettings = {
  concurrency: 3,
  partBytes: 1_000,
  tries: { attempts: 3, delayMs: 1 },
  stallMs: 5_000,
};

/** A bucket, and a folder to fetch into. */
class Scene implements AsyncDisposable {
  readonly s3: FakeS3;
  readonly folder: TempFolder;
  readonly reports: Progress[] = [];
  readonly #bytes = new Map<string, Buffer>();

  constructor(s3: FakeS3, folder: TempFolder) {
    this.s3 = s3;
    this.folder = folder;
  }

  /** Puts an object of random bytes; what is wanted of it. */
  put(name: string, sizeBytes: number, known: { etag?: string; sha256?: string } = {}): WantedFile {
    const bytes = randomBytes(sizeBytes);
    this.#bytes.set(name, bytes);
    this.s3.put(name, bytes, known);
    return { name, key: name, sizeBytes, etag: createHash("md5").update(bytes).digest("hex"), ...known };
  }

  fetch(
    files: readonly WantedFile[],
    settings: Partial<FetchSettings> = {},
    signal: AbortSignal = new AbortController().signal,
  ): Promise<readonly FetchedFile[]> {
    const options = { endpoint: this.s3.endpoint, credentials: { accessKeyId: "a", secretAccessKey: "b" } };
    return fetchFiles({
      store: s3Store(BUCKET, resolveConnection(options, {})),
      files,
      folder: this.folder.path,
      settings: { ...SETTINGS, ...settings },
      signal,
      report: (progress) => void this.reports.push(progress),
    });
  }

  async expectWhole(): Promise<void> {
    for (const [name, bytes] of this.#bytes)
      expect((await readFile(this.folder.at("files", ...name.split("/")))).equals(bytes), name).toBe(true);
  }

  /** Ranges of object data that were asked for. */
  gets(): number {
    return this.s3.log.filter((what) => what.startsWith("GET")).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.s3[Symbol.asyncDispose]();
    await this.folder[Symbol.asyncDispose]();
  }
}

async function scene(): Promise<Scene> {
  return new Scene(await fakeS3(), await tempFolder());
}

/** Spoils so many answers to requests for data. */
function spoil({ s3 }: Scene, times: number, how: (response: ServerResponse) => void): void {
  let left = times;
  s3.intercept = (_, response, what) => {
    if (!what.startsWith("GET") || left === 0) return false;
    left--;
    how(response);
    return true;
  };
}

/** Promises 1,000 bytes, and gives some. */
function give(response: ServerResponse, count: number): void {
  response.writeHead(206, { "content-length": 1_000 });
  response.write(Buffer.alloc(count));
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function withResolvers<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T | Promise<T>) => void } {
  let resolve: (value: T | Promise<T>) => void = () => {};
  const promise = new Promise<T>((each) => {
    resolve = each;
  });
  return { promise, resolve };
}

describe("fetching files", () => {
  it("brings all bytes, in parts, verifies them, and tells how far it has come", async () => {
    await using it = await scene();
    const files = [it.put("a", 3_500), it.put("folder/b c", 999), it.put("empty", 0), it.put("folder/deep/d", 1_000)];
    const fetched = await it.fetch(files);
    await it.expectWhole();
    expect(it.gets()).toBe(6);
    expect(fetched.map(({ name, algorithm, verified }) => [name, algorithm, verified])).toEqual(
      files.map(({ name }) => [name, "md5", true]),
    );
    const done = it.reports.map((each) => each.done);
    expect(done).toEqual(done.toSorted((a, b) => Number(a) - Number(b)));
    expect(it.reports.at(-1)).toEqual({ stage: "download", done: 5_499, total: 5_499, unit: "bytes" });
  });

  it.skipIf(process.platform !== "linux")("holds few of many files open", async () => {
    await using it = await scene();
    const wanted = Array.from({ length: 300 }, (_, index) => it.put(`f/${index}`, index % 3));
    let most = 0;
    it.s3.intercept = () => {
      const targets = readdirSync("/proc/self/fd").map((fd) => linkOf(`/proc/self/fd/${fd}`));
      most = Math.max(most, targets.filter((target) => target.startsWith(it.folder.path)).length);
      return false;
    };
    await it.fetch(wanted);
    await it.expectWhole();
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(10);
  });

  const faults: readonly [string, (response: ServerResponse) => void][] = [
    ["resets before an answer", (response) => void response.destroy()],
    ["resets in the midst of bytes", (response) => (give(response, 300), void setImmediate(() => response.destroy()))],
    ["an internal error", (response) => fail(response, 500, "InternalError")],
    ["throttling", (response) => fail(response, 503, "SlowDown")],
    ["no answer at all", () => {}],
    ["bytes that stop coming", (response) => give(response, 10)],
  ];
  it.each(faults)("gets over %s", async (_, fault) => {
    await using it = await scene();
    const files = [it.put("a", 2_500), it.put("b", 100)];
    // Bytes that come before the fault are wrong ones: only a digest tells.
    spoil(it, 2, fault);
    await it.fetch(files, { stallMs: 50, tries: { attempts: 9, delayMs: 1 } });
    await it.expectWhole();
  });

  it("fetches a file anew whose bytes were turned on the way", async () => {
    await using it = await scene();
    const files = [it.put("a", 1_000), it.put("b", 500)];
    spoil(it, 1, (response) => void response.writeHead(206).end(Buffer.alloc(1_000)));
    await it.fetch(files, { concurrency: 1 });
    await it.expectWhole();
    expect(it.gets()).toBe(3);
  });

  it("gives up on a store that never gives the promised bytes, and says which", async () => {
    await using it = await scene();
    const file = it.put("a", 1_000, { sha256: "0".repeat(64) });
    await expect(it.fetch([file])).rejects.toMatchObject({
      kind: "passing",
      message: expect.stringMatching(/^a: its sha256 is/),
    });
    expect(it.gets()).toBe(3);
  });

  it("takes a whole answer to a range for what it is", async () => {
    await using it = await scene();
    const file = it.put("a", 2_500);
    it.s3.intercept = (_, response, what) => {
      if (!what.startsWith("GET")) return false;
      response.writeHead(200).end(Buffer.alloc(2_500));
      return true;
    };
    await expect(it.fetch([file])).rejects.toThrow(/more bytes than asked for/);
  });

  it("counts as tries only those that bring nothing", async () => {
    await using it = await scene();
    const file = it.put("a", 1_000, { etag: "e-1" });
    let starts: number[] = [];
    it.s3.intercept = (request, response, what) => {
      if (!what.startsWith("GET")) return false;
      const start = Number(/bytes=(\d+)/.exec(request.headers.range ?? "")?.[1]);
      starts = [...starts, start];
      const length = Math.min(100, 1_000 - start);
      response.writeHead(206, { "content-length": 1_000 - start });
      response.write(Buffer.alloc(length, 7), () => response.destroy());
      return true;
    };
    await it.fetch([file], { tries: { attempts: 2, delayMs: 1 } });
    expect(starts).toEqual(Array.from({ length: 10 }, (_, index) => index * 100));
    expect((await readFile(it.folder.at("files", "a"))).equals(Buffer.alloc(1_000, 7))).toBe(true);
  });

  it("stops when an object has become another one", async () => {
    await using it = await scene();
    const file = it.put("a", 5_000);
    it.s3.put("a", randomBytes(5_000));
    await expect(it.fetch([file])).rejects.toMatchObject({ kind: "changed" });
    it.s3.remove("a");
    await expect(it.fetch([file])).rejects.toMatchObject({ kind: "missing" });
  });

  it("goes on where an earlier one was aborted", async () => {
    await using it = await scene();
    const files = [it.put("a", 10_000), it.put("b", 4_000)];
    const aborting = new AbortController();
    let answered = 0;
    it.s3.intercept = (_, __, what) => {
      if (what.startsWith("GET") && ++answered === 8) aborting.abort(new Error("enough"));
      return false;
    };
    await expect(it.fetch(files, { concurrency: 1 }, aborting.signal)).rejects.toThrow("enough");
    it.s3.intercept = undefined;
    const before = it.gets();
    await it.fetch(files);
    await it.expectWhole();
    expect(it.gets() - before).toBe(14 - 7);
  });

  it("fetches again what an earlier one left damaged", async () => {
    await using it = await scene();
    const file = it.put("a", 3_000);
    await it.fetch([file]);
    await writeFile(it.folder.at("files", "a"), Buffer.alloc(3_000));
    await it.fetch([file]);
    await it.expectWhole();
  });

  it("asks for a checksum where the etag is none", async () => {
    await using it = await scene();
    const [good, other] = [it.put("good", 1_200, { etag: "x-2" }), it.put("other", 10, { etag: "y-2" })];
    it.s3.put("good", "123456789", { etag: "x-2" });
    const crc = Buffer.from("e3069283", "hex").toString("base64");
    it.s3.intercept = (_, response, what) => {
      if (what !== "HEAD good") return false;
      response.writeHead(200, { etag: '"x-2"', "x-amz-checksum-crc32c": crc, "content-length": 9 }).end();
      return true;
    };
    const fetched = await it.fetch([{ ...good, sizeBytes: 9 }, other]);
    expect(fetched.map(({ algorithm, verified }) => [algorithm, verified])).toEqual([
      ["crc32c", true],
      ["sha256", false],
    ]);
  });

  it("ends all transfers when one has failed", async () => {
    await using it = await scene();
    const [gone, b] = [it.put("gone", 1_000), it.put("b", 50_000)];
    const held = withResolvers<ServerResponse>();
    const closed = withResolvers<unknown>();
    it.s3.intercept = (_, response, what) => {
      if (what === "GET gone") held.resolve(response);
      if (what === "GET b") {
        give(response, 1);
        closed.resolve(once(response, "close"));
        void held.promise.then((other) => fail(other, 404, "NoSuchKey"));
      }
      return true;
    };
    await expect(it.fetch([gone, b], { partBytes: 50_000 })).rejects.toMatchObject({ kind: "missing" });
    await closed.promise;
  });
});
