import { makeTensor, type Predictor } from "@servable/core";
import { describe, expect, it } from "vitest";
import { createHttpHandler } from "./create-http-handler.js";
import type { HttpOptions, RequestHead, Verdict } from "./options.js";
import { ask, half, post, type Reply } from "./testing/ask.js";
import { gatedPredictor } from "./testing/gated-predictor.js";
import { served } from "./testing/served.js";

const PREDICT = "/v1/models/m:predict";
const headersOf = ({ headers }: Reply): object => {
  const found: Record<string, string> = {};
  headers.forEach((value, name) => {
    found[name] = value;
  });
  return found;
};
const one = post({ instances: [1] });

describe("authorize", () => {
  const bearer = (request: RequestHead): Verdict => {
    if (request.kind === "livez" || request.kind === "readyz") return "allowed";
    if (request.header("authorization") !== "Bearer secret") return "unauthenticated";
    return request.model === "m" || request.model === undefined ? "allowed" : "forbidden";
  };
  const headers = { authorization: "Bearer secret" };

  it.each<[string, RequestInit, number]>([
    [PREDICT, one, 401],
    [PREDICT, { ...one, headers: { authorization: "Bearer other" } }, 401],
    [PREDICT, { ...one, headers }, 200],
    ["/v1/models/other/metadata", { headers }, 403],
    ["/v1/models", { headers }, 200],
    ["/v1/models", {}, 401],
    ["/nowhere", {}, 401],
    ["/livez", {}, 200],
    [PREDICT, { method: "OPTIONS", headers: { origin: "https://a.example" } }, 200],
  ])("judges %s %o: %i", async (path, request, status) => {
    const manager = await served({ m: half, other: half });
    for (const authorize of [bearer, async (head: RequestHead) => bearer(head)]) {
      const reply = await ask(manager, path, { ...request, options: { authorize } });
      expect(reply.status).toBe(status);
      expect(reply.headers.get("www-authenticate")).toBe(status === 401 ? "Bearer" : null);
    }
  });

  it("is asked before the body is read, and its fault is the app's", async () => {
    const told: unknown[] = [];
    const fault = new Error("no database");
    const authorize = async (): Promise<Verdict> => {
      throw fault;
    };
    const request = new Request(`http://host${PREDICT}`, one);
    const handler = createHttpHandler(await served({ m: half }), { authorize, onError: (error) => told.push(error) });
    expect((await handler(request)).status).toBe(500);
    expect(request.bodyUsed).toBe(false);
    expect(told).toEqual([fault]);
  });
});

describe("cors", () => {
  const asked = async (cors: HttpOptions["cors"], origin: string | undefined, more: RequestInit = {}): Promise<Reply> =>
    ask(await served({ m: half }), PREDICT, { ...more, headers: { ...(origin && { origin }) }, options: { cors } });
  const everyone = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "POST, GET",
    "access-control-allow-headers": "Content-Type",
  };

  it("adds TensorFlow Serving's headers to every answer, where it is on", async () => {
    const manager = await served({ m: half });
    for (const [path, request, status] of [
      [PREDICT, one, 200],
      ["/v1/models/m", {}, 200],
      [PREDICT, post("{"), 400],
      ["/v1/models/none", {}, 404],
      [PREDICT, { method: "OPTIONS", headers: { origin: "http://a" } }, 200],
    ] as const) {
      const reply = await ask(manager, path, { ...request, options: { cors: true } });
      expect([reply.status, headersOf(reply)]).toEqual([status, expect.objectContaining(everyone)]);
    }
  });

  it("adds none where it is off", async () => {
    for (const more of [one, { method: "OPTIONS" }]) {
      const reply = await asked(false, "https://a.example", more);
      expect([reply.status, reply.headers.get("access-control-allow-origin")]).toEqual([200, null]);
    }
  });

  it.each([
    ["https://a.example", "https://a.example"],
    ["https://b.example", null],
    [undefined, null],
  ])("answers the origin %s of a list with %s", async (origin, allowed) => {
    const reply = await asked(["https://a.example"], origin, one);
    expect([reply.status, reply.headers.get("access-control-allow-origin")]).toEqual([200, allowed]);
    expect(reply.headers.get("vary")).toBe("Origin");
  });

  it.each([
    ["https://a.example", 200],
    ["http://a", 200],
    [undefined, 400],
    ["file:", 400],
  ])("answers OPTIONS of origin %s with %i", async (origin, status) => {
    expect((await asked(true, origin, { method: "OPTIONS" })).status).toBe(status);
  });
});

describe("limits", () => {
  it("answers 504 when the time is over, aborts the call, and counts it until it ends", async () => {
    const gated = gatedPredictor();
    const handler = createHttpHandler(await served({ m: gated.predictor }), { timeoutMs: 1, maxInFlight: 1 });
    const send = (): Promise<Response> => handler(new Request(`http://host${PREDICT}`, one));
    const late = send();
    const call = await gated.next();
    const reply = await late;
    expect([reply.status, await reply.json()]).toEqual([504, { error: "m did not answer within 1 ms" }]);
    expect(call.signal?.aborted).toBe(true);
    const refused = await send();
    expect([refused.status, refused.headers.get("retry-after"), await refused.text()]).toEqual([
      429,
      "1",
      expect.stringContaining("1 calls are under way"),
    ]);
    call.open();
    // The call ends in promises alone, which have all run when the event loop turns.
    await new Promise(setImmediate);
    const next = send();
    (await gated.next()).open();
    expect((await next).status).not.toBe(429);
  });

  it("answers within the time as if there were none", async () => {
    const options = { timeoutMs: 60_000 };
    expect((await ask(await served({ m: half }), PREDICT, { ...one, options })).text).toBe('{"predictions":[2.5]}');
    expect((await ask(await served({ m: half }), PREDICT, { ...post("{"), options })).status).toBe(400);
  });

  it("holds calls to maxInFlight, and nothing else", async () => {
    const gated = gatedPredictor();
    const handler = createHttpHandler(await served({ m: gated.predictor }), { maxInFlight: 2 });
    const send = (path = PREDICT, init: RequestInit = one): Promise<Response> =>
      handler(new Request(`http://host${path}`, init));
    const running = [send(), send()];
    const calls = [await gated.next(), await gated.next()];
    expect((await send()).status).toBe(429);
    expect((await send("/v1/models/m", {})).status).toBe(200);
    for (const { open } of calls) open();
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
    // Calls that fail leave room too.
    for (let time = 0; time < 3; time++) expect((await send(PREDICT, post("{"))).status).toBe(400);
    const last = send();
    (await gated.next()).open();
    expect((await last).status).toBe(200);
  });

  it("makes the signal of a call once, when it is looked at", async () => {
    const seen: unknown[] = [];
    const predict: Predictor["predict"] = async (_inputs, options = {}) => {
      seen.push(options.signal?.aborted, options.signal === options.signal);
      return { y: makeTensor("float32", [1], Float32Array.of(0)) };
    };
    const reply = await ask(await served({ m: { ...half, predict } }), PREDICT, one);
    expect([reply.status, seen]).toEqual([200, [false, true]]);
  });

  it.each<HttpOptions>([
    { timeoutMs: 0 },
    { timeoutMs: Number.NaN },
    { timeoutMs: 2 ** 31 },
    { maxInFlight: 0 },
    { metrics: { path: "metrics" } },
  ])("refuses %o at once", async (options) => {
    const manager = await served({ m: half });
    expect(() => createHttpHandler(manager, options)).toThrow(RangeError);
  });
});
