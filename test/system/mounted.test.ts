import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { createManager, type Loader, type Manager, type Predictor } from "@servable/core";
import { createHttpHandler } from "@servable/http-adapter";
import { createNodeHandler } from "@servable/http-adapter/node";
import Fastify from "fastify";
import { Hono } from "hono";
import { of } from "rxjs";
import { describe, expect, it } from "vitest";

// express brings no types of its own, and is called in one way here.
const EXPRESS: string = "express";
const { default: express } = (await import(EXPRESS)) as {
  default: () => RequestListener & { use: (path: string, handler: RequestListener) => void };
};

const spec = { x: { dtype: "float32", shape: [-1] } } as const;
/** The two moments of a call that waits until its client is gone. */
const waiting = { onArrive: (): void => {}, onAbort: (): void => {} };
const model: Predictor = {
  signatures: { serving_default: { inputs: spec, outputs: spec, methodName: "" } },
  async predict({ x }, { signal } = {}) {
    if (x?.data[0] !== 13) return { x: x ?? { dtype: "float32", shape: [0], data: new Float32Array(0) } };
    waiting.onArrive();
    return new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => {
        waiting.onAbort();
        reject(new Error("aborted"));
      });
    });
  },
};

async function managed(): Promise<Manager> {
  const data: Loader<Predictor> = { load: async () => ({ servable: model, async [Symbol.asyncDispose]() {} }) };
  const manager = createManager({ code: of({ name: "m", versions: [{ version: 1, data }] }) });
  await manager.whenAvailable("m");
  return manager;
}

const MOUNTS: Readonly<Record<string, (manager: Manager) => Promise<Server>>> = {
  express: async (manager) => {
    const app = express();
    app.use("/serving", createNodeHandler(manager, { metrics: true }));
    return createServer(app);
  },
  fastify: async (manager) => {
    const handler = createNodeHandler(manager, { prefix: "/serving", metrics: true });
    const fastify = Fastify();
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser("*", (_request, _body, done) => done(null));
    fastify.all("/serving/*", (request, reply) => {
      reply.hijack();
      handler(request.raw, reply.raw);
    });
    await fastify.ready();
    return fastify.server;
  },
  hono: async (manager) => {
    const answer = createHttpHandler(manager, { prefix: "/serving", metrics: true });
    const app = new Hono().all("/serving/*", ({ req }) => answer(req.raw));
    const listener = getRequestListener(app.fetch);
    return createServer((request, response) => void listener(request, response));
  },
};

describe.each(Object.entries(MOUNTS))("mounted in %s under a prefix", (_name, mount) => {
  it("it answers, and aborts the call of a client that hangs up", async () => {
    await using manager = await managed();
    const server = await mount(manager);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/serving`;
    const predict = `${url}/v1/models/m:predict`;
    const json = { "content-type": "application/json" };
    for (const headers of [json, {}, { "content-type": "application/x-www-form-urlencoded" }]) {
      const reply = await fetch(predict, { method: "POST", headers, body: '{"instances":[1.5,2]}' });
      expect([reply.status, await reply.text()]).toEqual([200, '{"predictions":[1.5,2.0]}']);
    }
    expect((await fetch(`${url}/v1/models/m/metadata?x=1`)).status).toBe(200);
    expect((await fetch(`${url}/v1/models/none`)).status).toBe(404);
    expect((await fetch(predict, { method: "POST", headers: json, body: "{" })).status).toBe(400);
    const page = await (await fetch(`${url}/monitoring/prometheus/metrics`)).text();
    expect(page).toContain(':tensorflow:serving:request_count{model_name="m",status="INVALID_ARGUMENT"} 1');

    const client = new AbortController();
    const gone = new Promise<void>((resolve) => Object.assign(waiting, { onAbort: resolve }));
    const arrived = new Promise<void>((resolve) => Object.assign(waiting, { onArrive: resolve }));
    const hanging = fetch(predict, {
      method: "POST",
      headers: json,
      body: '{"instances":[13]}',
      signal: client.signal,
    });
    const failed = expect(hanging).rejects.toThrow();
    await arrived;
    client.abort();
    await Promise.all([failed, gone]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
