import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { gatedPredictor } from "../testing/gated-predictor.js";
import { rawClient } from "../testing/raw-client.js";
import { fakePredictor, served } from "../testing/served.js";
import { type HttpServer, listen } from "./listen.js";
import type { ListenOptions } from "./listen-options.js";

const folder = mkdtempSync(join(tmpdir(), "servable-tls-"));
afterAll(() => rmSync(folder, { recursive: true }));
const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
execFileSync(
  "openssl",
  [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=IP:127.0.0.1",
    "-keyout",
    keyFile,
    "-out",
    certFile,
  ],
  { stdio: "ignore" },
);
const tls = { key: readFileSync(keyFile), cert: readFileSync(certFile) };

const echo = fakePredictor({ x: ["float32", [-1]] });
const serve = async (servable: unknown, options: ListenOptions): Promise<HttpServer> =>
  listen(await served({ m: servable }), { port: 0, ...options });

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** A predict call over HTTP/2. */
async function ask(session: ClientHttp2Session, body = '{"instances":[1]}'): Promise<Reply> {
  const stream = session.request({ ":method": "POST", ":path": "/v1/models/m:predict" });
  stream.end(body);
  const [headers] = (await once(stream, "response")) as [{ ":status": number }];
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) text += String(chunk);
  return { status: headers[":status"], text };
}

function askTls(url: string): Promise<Reply & { readonly protocol: string | false | null }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/v1/models/m:predict`, { method: "POST", ca: tls.cert, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text, protocol: response.httpVersion }));
    });
    sent.on("error", reject);
    sent.end('{"instances":[1]}');
  });
}

const ANSWER = { status: 200, text: '{"predictions":[1.0]}' };

describe("a server with TLS", () => {
  it.each([false, true])("answers HTTPS, with http2: %s too", async (http2) => {
    await using server = await serve(echo, { tls, http2 });
    expect(server.url).toBe(`https://127.0.0.1:${server.port}`);
    expect(await askTls(server.url)).toEqual({ ...ANSWER, protocol: "1.1" });
  });

  it("drops a client that does not agree on TLS in time, and goes on", async () => {
    await using server = await serve(echo, { tls, headersTimeoutMs: 50 });
    const silent = await rawClient(server.port);
    expect(await silent.ended()).toBe("");
    expect((await askTls(server.url)).status).toBe(200);
  });

  it("closes although somebody has not yet agreed on TLS", async () => {
    const server = await serve(echo, { tls });
    const silent = await rawClient(server.port);
    await server.close({ timeoutMs: 1 });
    await silent.ended();
  });
});

describe("HTTP/2", () => {
  it.each([
    ["with TLS", { tls, http2: true }],
    ["without", { http2: true }],
  ])("%s answers many requests on one connection, and says what is wrong", async (_case, options) => {
    await using server = await serve(echo, { ...options, maxBodyBytes: 1_000 });
    const session = connectHttp2(server.url, { ca: tls.cert });
    const replies = await Promise.all(Array.from({ length: 20 }, () => ask(session)));
    expect(replies).toEqual(replies.map(() => ANSWER));
    expect((await ask(session, "{")).status).toBe(400);
    expect((await ask(session, " ".repeat(1_001))).status).toBe(413);
    expect((await ask(session)).status).toBe(200);
    session.close();
  });

  it("aborts the call of a stream that its client closes", async () => {
    const gated = gatedPredictor();
    await using server = await serve(gated.predictor, { http2: true });
    const session = connectHttp2(server.url);
    const stream = session.request({ ":method": "POST", ":path": "/v1/models/m:predict" });
    stream.on("error", () => {});
    stream.end('{"instances":[1]}');
    const { signal, open } = await gated.next();
    if (signal === undefined) throw new Error("no signal was handed on");
    const aborted = once(signal, "abort");
    stream.close(8);
    await aborted;
    open();
    session.close();
  });

  it("finishes what was accepted when it closes", async () => {
    const gated = gatedPredictor();
    const server = await serve(gated.predictor, { http2: true });
    const session = connectHttp2(server.url);
    const reply = ask(session);
    const { open } = await gated.next();
    const closed = server.close();
    open();
    expect(await reply).toEqual(ANSWER);
    await closed;
  });
});

describe("slow clients", () => {
  it("get 408 for headers and bodies that do not come in time, and the model is not asked", async () => {
    const limits = { headersTimeoutMs: 50, requestTimeoutMs: 50 };
    await using server = await serve(gatedPredictor().predictor, limits);
    const [headers, body] = [await rawClient(server.port), await rawClient(server.port)];
    headers.send("POST /v1/models/m:predict HTTP/1.1\r\nhost: h\r\n");
    body.send("POST /v1/models/m:predict HTTP/1.1\r\nhost: h\r\ncontent-length: 17\r\n\r\n{");
    for (const client of [headers, body]) expect(await client.ended()).toContain("HTTP/1.1 408");
  });

  it("and idle ones lose their connection, and more than maxConnections are not let in", async () => {
    await using server = await serve(echo, { keepAliveTimeoutMs: 50, maxConnections: 1 });
    const idle = await rawClient(server.port);
    idle.send("GET /livez HTTP/1.1\r\nhost: h\r\n\r\n");
    await idle.until("live");
    const second = await rawClient(server.port);
    expect(await second.ended()).toBe("");
    expect(await idle.ended()).toContain("200 OK");
  });

  it.each<ListenOptions>([
    { headersTimeoutMs: 0 },
    { requestTimeoutMs: -1 },
    { keepAliveTimeoutMs: Number.NaN },
    { maxConnections: 1.5 },
  ])("%o is refused", async (options) => {
    await expect(serve(echo, options)).rejects.toThrow(RangeError);
  });
});
