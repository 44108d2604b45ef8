import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { makeTensor } from "@servable/core";
import { describe, expect, it } from "vitest";
import { createHttpHandler } from "../create-http-handler.js";
import { createNodeHandler } from "../node/create-node-handler.js";
import { listen } from "../node/listen.js";
import type { HttpOptions } from "../options.js";
import { half } from "../testing/ask.js";
import { fakePredictor, served } from "../testing/served.js";

const many = fakePredictor({ x: ["float32", [-1]] }, { y: ["float32", [-1]] }, async () => ({
  y: makeTensor("float32", [3_000], new Float32Array(3_000).fill(0.1)),
}));
const manyText = `{"predictions":[${"0.1,".repeat(2_999)}0.1]}`;
const one = '{"instances":[1]}';

/** A response as it came over the wire. */
interface Wire {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

type Send = (path: string, init: RequestInit) => Promise<Wire>;

/** Both ways to mount the adapter; fetch would unpack, so that node's are asked without it. */
const MOUNTS: Readonly<Record<string, (options: HttpOptions, work: (send: Send) => Promise<void>) => Promise<void>>> = {
  async "fetch's handler"(options, work) {
    const handler = createHttpHandler(await served({ half, many }), options);
    await work(async (path, init) => {
      const response = await handler(new Request(`http://host${path}`, init));
      const bytes = Buffer.from(await response.arrayBuffer());
      return { status: response.status, headers: response.headers, bytes };
    });
  },
  async "node's listener"(options, work) {
    const { request } = await import("node:http");
    await using server = await listen(await served({ half, many }), { port: 0, ...options });
    await work(
      (path, { method = "GET", headers, body }) =>
        new Promise((resolve, reject) => {
          const asked = request(
            server.url + path,
            { method, headers: headers as Record<string, string> },
            (response) => {
              const chunks: Buffer[] = [];
              response.on("data", (chunk: Buffer) => chunks.push(chunk));
              response.on("end", () => {
                const given = new Headers(response.headers as Record<string, string>);
                resolve({ status: response.statusCode ?? 0, headers: given, bytes: Buffer.concat(chunks) });
              });
            },
          );
          asked.on("error", reject).end(body);
        }),
    );
  },
};

describe.each(Object.entries(MOUNTS))("%s", (mount, within) => {
  const hasBrotli = mount === "node's listener";

  it("packs long answers as the client accepts them", async () => {
    await within({ compressAboveBytes: 1_000, cors: ["https://app.example"] }, async (send) => {
      const ask = (accepted?: string, model = "many"): Promise<Wire> =>
        send(`/v1/models/${model}:predict`, {
          method: "POST",
          body: one,
          headers: { ...(accepted !== undefined && { "accept-encoding": accepted }), origin: "https://app.example" },
        });
      const zipped = await ask("gzip");
      expect(zipped.headers.get("content-encoding")).toBe("gzip");
      expect(zipped.headers.get("vary")).toBe("Origin, accept-encoding");
      expect(Number(zipped.headers.get("content-length") ?? zipped.bytes.length)).toBe(zipped.bytes.length);
      expect(gunzipSync(zipped.bytes).toString()).toBe(manyText);

      const better = await ask("gzip, br");
      expect(better.headers.get("content-encoding")).toBe(hasBrotli ? "br" : "gzip");
      expect((hasBrotli ? brotliDecompressSync : gunzipSync)(better.bytes).toString()).toBe(manyText);

      for (const plain of [await ask("deflate"), await ask()]) {
        expect(plain.headers.get("content-encoding")).toBeNull();
        expect(plain.headers.get("vary")).toContain("accept-encoding");
        expect(plain.bytes.toString()).toBe(manyText);
      }
      expect((await ask("gzip", "half")).bytes.toString()).toBe('{"predictions":[2.5]}');
      const failed = await ask("gzip", "x".repeat(2_000));
      expect([failed.status, failed.headers.get("content-encoding")]).toEqual([404, null]);
    });
  });

  it("packs nothing unless it is asked to", async () => {
    await within({}, async (send) => {
      const headers = { "accept-encoding": "gzip, br" };
      const plain = await send("/v1/models/many:predict", { method: "POST", body: one, headers });
      expect(plain.bytes.toString()).toBe(manyText);
    });
  });

  const codecs = [["gzip", gzipSync] as const, ...(hasBrotli ? [["br", brotliCompressSync] as const] : [])];
  it.each(codecs)("unpacks requests in %s, within the limit", async (encoding, pack) => {
    await within({ maxBodyBytes: 100_000 }, async (send) => {
      const ask = (body: Uint8Array<ArrayBuffer>): Promise<Wire> =>
        send("/v1/models/half:predict", { method: "POST", body, headers: { "content-encoding": encoding } });
      const small = new Uint8Array(pack(one));
      expect((await ask(small)).bytes.toString()).toBe('{"predictions":[2.5]}');
      expect((await ask(new Uint8Array(pack(one.padEnd(100_000))))).status).toBe(200);
      expect((await ask(new Uint8Array(pack(one.padEnd(100_001))))).status).toBe(413);
      expect((await ask(new Uint8Array(pack(" ".repeat(50_000_000))))).status).toBe(413);
      for (const broken of [small.slice(0, -3), new TextEncoder().encode("{}"), new Uint8Array(0)]) {
        const reply = await ask(broken);
        expect([reply.status, reply.bytes.toString()]).toEqual([400, expect.stringContaining(`not the ${encoding}`)]);
      }
    });
  });

  it("names the encodings that it knows", async () => {
    await within({}, async (send) => {
      const headers = { "content-encoding": "zstd" };
      const reply = await send("/v1/models/half:predict", { method: "POST", body: one, headers });
      expect(reply.status).toBe(501);
      expect(reply.bytes.toString()).toContain(hasBrotli ? "send br or gzip, or none" : "send gzip, or none");
    });
  });
});

it("refuses a threshold that is none", async () => {
  const manager = await served({});
  expect(() => createHttpHandler(manager, { compressAboveBytes: -1 })).toThrow(RangeError);
  expect(() => createNodeHandler(manager, { compressAboveBytes: Number.NaN })).toThrow("compressAboveBytes");
});
