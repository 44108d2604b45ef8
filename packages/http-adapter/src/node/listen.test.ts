import { once } from "node:events";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { Manager } from "@servable/core";
import { ServingError } from "@servable/core";
import { describe, expect, it } from "vitest";
import { gatedPredictor } from "../testing/gated-predictor.js";
import { rawClient } from "../testing/raw-client.js";
import { fakePredictor, served } from "../testing/served.js";
import { createNodeHandler } from "./create-node-handler.js";
import { type HttpServer, listen } from "./listen.js";
import type { ListenOptions } from "./listen-options.js";

const echo = fakePredictor({ x: ["float32", [-1]] });

async function serve(servable: unknown = echo, options: ListenOptions = {}): Promise<HttpServer> {
  return listen(await served({ m: servable }), { port: 0, ...options });
}

function request(body: string, ...headers: readonly string[]): string {
  const head = [
    "POST /v1/models/m:predict HTTP/1.1",
    "host: h",
    `content-length: ${Buffer.byteLength(body)}`,
    ...headers,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

const PREDICT = request('{"instances":[1]}');
const LIVE = "GET /livez HTTP/1.1\r\nhost: h\r\n\r\n";

describe("a server", () => {
  it("answers real clients", async () => {
    await using server = await serve();
    const response = await fetch(`${server.url}/v1/models/m:predict`, {
      method: "POST",
      body: '{"instances":[1,2.5]}',
    });
    expect([response.status, await response.text()]).toEqual([200, '{"predictions":[1.0,2.5]}']);
    expect(response.headers.get("content-length")).toBe("25");
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    const head = await fetch(`${server.url}/v1/models/m`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });

  it("answers pipelined requests of one connection in their order", async () => {
    await using server = await serve();
    const client = await rawClient(server.port);
    client.send(`${request('{"instances":[1]}')}${request('{"instances":[2]}')}${request('{"inputs":[3]}')}`);
    const text = await client.until('{"outputs":[3.0]}');
    expect([...text.matchAll(/\[\d\.0\]/g)].map(([found]) => found)).toEqual(["[1.0]", "[2.0]", "[3.0]"]);
  });

  it("reads chunked bodies, however they are cut", async () => {
    await using server = await serve();
    const client = await rawClient(server.port);
    const body = Buffer.from('{"instances":[1], "note": "größer"}').toString("latin1");
    const chunks = Array.from(body, (character) => `1\r\n${character}\r\n`).join("");
    client.socket.write(
      `POST /v1/models/m:predict HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
      "latin1",
    );
    expect(await client.until("[1.0]")).toContain("HTTP/1.1 200");
  });

  it("takes the whole address in place of the path, as proxies send it", async () => {
    await using server = await serve();
    const client = await rawClient(server.port);
    client.send("GET http://elsewhere:80/livez HTTP/1.1\r\nhost: h\r\n\r\n");
    expect(await client.until("live")).toContain("HTTP/1.1 200");
  });

  it("refuses a body that is announced as too large before a byte of it came", async () => {
    await using server = await serve();
    const client = await rawClient(server.port);
    client.send("POST /v1/models/m:predict HTTP/1.1\r\nhost: h\r\ncontent-length: 100000000\r\n\r\n");
    const text = await client.until("send fewer instances");
    expect(text).toContain("HTTP/1.1 413");
    expect(text).toMatch(/connection: close/i);
    client.socket.destroy();
  });

  it("refuses an endless chunked body at the limit, and a client that asks first", async () => {
    await using server = await serve(echo, { maxBodyBytes: 1_000 });
    const endless = await rawClient(server.port);
    endless.send("POST /v1/models/m:predict HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n");
    for (let sent = 0; sent <= 1_000; sent += 100) endless.send(`64\r\n${" ".repeat(100)}\r\n`);
    expect(await endless.until("send fewer instances")).toContain("HTTP/1.1 413");
    endless.socket.destroy();
    const asking = await rawClient(server.port);
    asking.send(
      "POST /v1/models/m:predict HTTP/1.1\r\nhost: h\r\ncontent-length: 1001\r\nexpect: 100-continue\r\n\r\n",
    );
    expect(await asking.until("send fewer instances")).not.toContain("100 Continue");
    asking.socket.destroy();
    const small = await rawClient(server.port);
    small.send(request('{"instances":[1]}', "expect: 100-continue"));
    expect(await small.until("[1.0]")).toContain("100 Continue");
  });

  it("lets a client that sends a large body to its end read why it was refused", async () => {
    await using server = await serve(echo, { maxBodyBytes: 1_000 });
    const client = await rawClient(server.port);
    client.send(request(" ".repeat(5_000_000)));
    expect(await client.ended()).toContain("HTTP/1.1 413");
  });

  it.each([
    ["garbage", "no request\r\n\r\n", "400 Bad Request"],
    ["two lengths", "GET / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", "400 Bad Request"],
    ["headers without end", `GET / HTTP/1.1\r\nx: ${"y".repeat(100_000)}\r\n\r\n`, "431"],
  ])("answers %s with a JSON error, and goes on", async (_case, bytes, status) => {
    await using server = await serve();
    const client = await rawClient(server.port);
    client.send(bytes);
    const text = await client.ended();
    expect(text).toContain(`HTTP/1.1 ${status}`);
    expect(JSON.parse(text.slice(text.indexOf("\r\n\r\n")))).toHaveProperty("error");
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  });

  it("answers what came before garbage on the same connection, then closes it", async () => {
    const gated = gatedPredictor();
    await using server = await serve(gated.predictor);
    const client = await rawClient(server.port);
    client.send(`${PREDICT}garbage\r\n\r\n`);
    (await gated.next()).open();
    expect(await client.ended()).toContain('{"predictions":[1.0]}');
  });

  it("drops a connection whose chunked body is malformed, without asking the model", async () => {
    await using server = await serve(gatedPredictor().predictor);
    const client = await rawClient(server.port);
    client.send("POST /v1/models/m:predict HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n");
    expect(await client.ended()).toBe("");
  });

  it("aborts the call on the model when the client hangs up", async () => {
    const gated = gatedPredictor();
    await using server = await serve(gated.predictor);
    const client = await rawClient(server.port);
    client.send(PREDICT);
    const { signal, open } = await gated.next();
    if (signal === undefined) throw new Error("no signal was handed on");
    const aborted = once(signal, "abort");
    client.socket.destroy();
    await aborted;
    expect(signal.reason).toMatchObject({ code: "CANCELLED", message: "the client hung up" });
    open();
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  });

  it("does not abort a call that was answered", async () => {
    const gated = gatedPredictor();
    await using server = await serve(gated.predictor);
    const client = await rawClient(server.port);
    client.send(PREDICT);
    const { signal, open } = await gated.next();
    open();
    await client.until("[1.0]");
    client.socket.destroy();
    await server.close();
    expect(signal?.aborted).toBe(false);
  });
});

describe("closing", () => {
  it("lets accepted requests finish, pipelined ones too, and closes their connections", async () => {
    const gated = gatedPredictor();
    const server = await serve(gated.predictor);
    const [busy, idle, silent] = [
      await rawClient(server.port),
      await rawClient(server.port),
      await rawClient(server.port),
    ];
    idle.send(LIVE);
    await idle.until("live");
    busy.send(PREDICT + PREDICT);
    const calls = [await gated.next(), await gated.next()];
    const closed = server.close();
    expect(server.close()).toBe(closed);
    await Promise.all([idle.ended(), silent.ended()]);
    await expect(fetch(`${server.url}/livez`)).rejects.toThrow();
    for (const call of calls) call.open();
    const text = await busy.ended();
    expect(text.match(/\{"predictions":\[1\.0\]\}/g)).toHaveLength(2);
    expect(text.match(/connection: close/gi)).toHaveLength(1);
    await closed;
  });

  it("answers a request whose first bytes were there before, and closes after it", async () => {
    const gated = gatedPredictor();
    const server = await serve(gated.predictor);
    const client = await rawClient(server.port);
    client.send(LIVE + PREDICT.slice(0, 20));
    await client.until("live");
    const closed = server.close();
    client.send(PREDICT.slice(20));
    (await gated.next()).open();
    expect(await client.ended()).toMatch(/connection: close[^]*\{"predictions":\[1\.0\]\}$/i);
    await closed;
  });

  it("cuts off what is not finished in time, and aborts it, pipelined or not", async () => {
    const gated = gatedPredictor();
    const server = await serve(gated.predictor);
    const client = await rawClient(server.port);
    client.send(PREDICT + PREDICT);
    const calls = [await gated.next(), await gated.next()];
    await server.close({ timeoutMs: 0 });
    expect(calls.map(({ signal }) => signal?.aborted)).toEqual([true, true]);
    await client.ended();
  });

  it("leaves the manager open", async () => {
    const manager: Manager = await served({ m: echo });
    await (await listen(manager, { port: 0 })).close();
    expect(manager.snapshot().ready).toBe(true);
  });
});

describe("listening", () => {
  it("says which port is in use, and the way out", async () => {
    await using server = await serve();
    const { port } = server;
    const error = await serve(echo, { port }).catch((reason: unknown) => reason);
    expect(ServingError.is(error) && error.code).toBe("FAILED_PRECONDITION");
    expect(String(error)).toContain(`port ${port} on 127.0.0.1 is in use; stop what listens there, or give another`);
  });

  it("says that an address is not this machine's", async () => {
    await expect(serve(echo, { host: "192.0.2.1" })).rejects.toThrow("192.0.2.1 is no address of this machine");
  });

  it.each([-1, 65_536, 1.5, Number.NaN])("refuses port %d", async (port) => {
    await expect(serve(echo, { port })).rejects.toThrow(RangeError);
  });
});

describe("a handler in an app's own server", () => {
  it("tells the app of a body that was read before", async () => {
    const told: unknown[] = [];
    const handler = createNodeHandler(await served({ m: echo }), { onError: (error) => told.push(error) });
    await using server = await appServer((incoming, response) => {
      incoming.resume().on("end", () => handler(incoming, response));
    });
    const response = await fetch(`${server.url}/v1/models/m:predict`, { method: "POST", body: "{}" });
    expect(response.status).toBe(500);
    expect(String(told[0])).toContain("ahead of body parsers");
  });

  it("leaves a response alone that the app has given in the meantime", async () => {
    const gated = gatedPredictor();
    const manager = await served({ m: gated.predictor });
    const handler = createNodeHandler(manager);
    const inApp: ServerResponse[] = [];
    await using server = await appServer((incoming, response) => {
      inApp.push(response);
      handler(incoming, response);
    });
    const reply = fetch(`${server.url}/v1/models/m:predict`, { method: "POST", body: '{"instances":[1]}' });
    const { open } = await gated.next();
    inApp[0]?.writeHead(504).end("too late");
    expect(await (await reply).text()).toBe("too late");
    open();
    await manager.close();
  });
});

async function appServer(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
