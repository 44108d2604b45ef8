import { gzipSync } from "node:zlib";
import { type DType, type Predictor, ServingError, servingErrorCodes, tensor } from "@servable/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHttpHandler } from "./create-http-handler.js";
import type { HttpOptions } from "./options.js";
import { ask, half, post, type Reply } from "./testing/ask.js";
import { fakePredictor, served } from "./testing/served.js";

describe("predict over fetch's Request and Response", () => {
  it.each([
    [{ instances: [1, 2] }, '{"predictions":[2.5,3.0]}'],
    [{ inputs: [3, 4] }, '{"outputs":[3.5,4.0]}'],
    [
      {
        instances: [
          [1, 2],
          [3, 4],
        ],
      },
      '{"predictions":[[2.5,3.0],[3.5,4.0]]}',
    ],
    [{ instances: [{ x: 1 }, { x: 2 }] }, '{"predictions":[2.5,3.0]}'],
    [{ inputs: { x: 7, more: "ignored" } }, '{"outputs":5.5}'],
    ['{"instances":[NaN,Infinity,-Inf]}', '{"predictions":[NaN,Infinity,-Infinity]}'],
    [{ signature_name: "", instances: [1], extra: {} }, '{"predictions":[2.5]}'],
  ])("answers %o", async (body, text) => {
    const manager = await served({ half });
    for (const path of ["/v1/models/half:predict", "/v1/models/half/versions/3:predict?x=1"]) {
      const reply = await ask(manager, path, post(body));
      expect([reply.status, reply.text]).toEqual([200, text]);
      expect(reply.headers.get("content-type")).toBe("application/json");
    }
  });

  it.each<[string | object, number, string]>([
    ["", 400, "the body is empty"],
    ["[]", 400, "the body must be a JSON object, got a list of 0"],
    ["null", 400, "the body must be a JSON object, got null"],
    ['{"instances":[1]', 400, "at position 16"],
    [{}, 400, 'neither "instances"'],
    [{ instances: [1], inputs: [1] }, 400, 'both "instances" and "inputs"'],
    [{ instances: [] }, 400, '"instances" is empty'],
    [{ instances: 1 }, 400, '"instances" must be a list, got 1'],
    [{ signature_name: 1, instances: [1] }, 400, '"signature_name" must be a string, got 1'],
    [{ signature_name: null, instances: [1] }, 400, '"signature_name" must be a string, got null'],
    [{ signature_name: "nope", instances: [1] }, 400, "half/3 has no signature nope; it has serving_default"],
    [
      { instances: ["1"] },
      400,
      'half/3, signature serving_default: input x: instances[0] is the string "1", which is no',
    ],
  ])("refuses %o", async (body, status, message) => {
    const reply = await ask(await served({ half }), "/v1/models/half:predict", post(body));
    expect([reply.status, JSON.parse(reply.text)]).toEqual([status, { error: expect.stringContaining(message) }]);
  });

  it("keeps integers beyond 2^53 exact in and out, and tells a form that cannot be", async () => {
    const long = fakePredictor({ a: ["int64", [-1]], b: ["uint64", [-1]] });
    const manager = await served({ long });
    const row = '{"a":-9223372036854775808,"b":18446744073709551615}';
    const reply = await ask(manager, "/v1/models/long:predict", post(`{"instances":[${row}]}`));
    expect(reply.text).toBe(`{"predictions":[${row}]}`);
    const beyond = await ask(
      manager,
      "/v1/models/long:predict",
      post('{"instances":[{"a":9223372036854775808,"b":0}]}'),
    );
    expect([beyond.status, beyond.text]).toEqual([
      400,
      expect.stringContaining("instances[0].a is 9223372036854775808"),
    ]);
  });

  it.each<[DType, unknown]>([
    ["int8", 128],
    ["uint8", -1],
    ["uint8", 256],
    ["int16", 32_768],
    ["uint32", -1],
    ["int32", 1.5],
    ["int64", 1e300],
    ["bool", 1],
    ["bool", "true"],
    ["string", 1],
    ["string", { b64: "?" }],
    ["string", { b64: "AA", more: 1 }],
    ["float32", null],
    ["float64", true],
  ])("refuses for %s the value %o, naming input and element", async (dtype, value) => {
    const manager = await served({ m: fakePredictor({ x: [dtype, [-1]] }) });
    const columns = await ask(manager, "/v1/models/m:predict", post({ inputs: { x: [value] } }));
    expect([columns.status, columns.text]).toEqual([400, expect.stringMatching(/inputs\.x\[0\]|b64/)]);
    expect((await ask(manager, "/v1/models/m:predict", post({ instances: [{ x: value }] }))).status).toBe(400);
  });

  it("is 413 for a body over the limit, announced or not, and stops reading", async () => {
    const manager = await served({ half });
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(100));
      },
    });
    const options = { maxBodyBytes: 1_000 };
    const stream = { method: "POST", body: endless, duplex: "half", options } as RequestInit;
    expect((await ask(manager, "/v1/models/half:predict", stream)).status).toBe(413);
    expect(pulled).toBeLessThan(20);
    const announced = post("{}", { headers: { "content-length": "1001" } });
    expect((await ask(manager, "/v1/models/half:predict", { ...announced, options })).status).toBe(413);
    const full = post(JSON.stringify({ instances: [1] }).padEnd(1_000));
    expect((await ask(manager, "/v1/models/half:predict", { ...full, options })).status).toBe(200);
  });

  it("takes gzip, and holds what it unpacks to to the limit too", async () => {
    const manager = await served({ half });
    const send = (body: Uint8Array<ArrayBuffer>, encoding: string): Promise<Reply> =>
      ask(manager, "/v1/models/half:predict", {
        method: "POST",
        body,
        headers: { "content-encoding": encoding },
        options: { maxBodyBytes: 100_000 },
      });
    const small = new Uint8Array(gzipSync('{"instances":[1]}'));
    for (const encoding of ["gzip", "GZIP"]) expect((await send(small, encoding)).text).toBe('{"predictions":[2.5]}');
    expect((await send(new Uint8Array(gzipSync(" ".repeat(10_000_000))), "gzip")).status).toBe(413);
    for (const broken of [small.slice(0, -9), new TextEncoder().encode("{}"), new Uint8Array(0)]) {
      const reply = await send(broken, "gzip");
      expect([reply.status, reply.text]).toEqual([400, expect.stringContaining("not the gzip")]);
    }
    expect((await send(small, "br")).status).toBe(501);
    expect((await send(new TextEncoder().encode('{"instances":[1]}'), "identity")).status).toBe(200);
  });

  it("hands the request's signal on and answers 499 when it aborts", async () => {
    const abort = new AbortController();
    const predict: Predictor["predict"] = async (_inputs, options) => {
      abort.abort();
      options?.signal?.throwIfAborted();
      return {};
    };
    const manager = await served({ m: { ...half, predict } });
    const reply = await ask(manager, "/v1/models/m:predict", post({ instances: [1] }, { signal: abort.signal }));
    expect(reply.status).toBe(499);
  });

  it("says to the app that a body was read before, and to the client 500", async () => {
    const told: unknown[] = [];
    const handler = createHttpHandler(await served({ half }), { onError: (error) => told.push(error) });
    const request = new Request("http://host/v1/models/half:predict", post({ instances: [1] }));
    await request.text();
    expect((await handler(request)).status).toBe(500);
    expect(told).toEqual([expect.objectContaining({ message: expect.stringContaining("ahead of body parsers") })]);
  });
});

describe("failures of a model", () => {
  const failing = async (error: unknown, options: HttpOptions): Promise<Reply> => {
    const predict = async (): Promise<never> => {
      throw error;
    };
    return ask(await served({ m: { ...half, predict } }), "/v1/models/m:predict", {
      ...post({ instances: [1] }),
      options,
    });
  };

  it.each(servingErrorCodes)("have an HTTP status for %s", async (code) => {
    const told: unknown[] = [];
    const error = new ServingError(code, "why");
    const reply = await failing(error, { onError: (given) => told.push(given) });
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(JSON.parse(reply.text)).toEqual({ error: "why" });
    expect(told).toEqual(reply.status === 500 ? [error] : []);
  });

  it.each([new Error("boom"), "boom", { toString: () => "boom" }])("of no kind of ours are 500: %o", async (error) => {
    const told: unknown[] = [];
    const reply = await failing(error, { onError: (given) => told.push(given) });
    expect([reply.status, JSON.parse(reply.text)]).toEqual([500, { error: "m/3: boom" }]);
    expect(told).toHaveLength(1);
  });
});

describe("any request", () => {
  it("gets JSON: 200, or an error with a message", async () => {
    const dtypes: DType[] = ["float32", "int32", "int64", "uint8", "bool", "string", "float16", "complex64"];
    const models = Object.fromEntries(dtypes.map((dtype) => [dtype, fakePredictor({ x: [dtype, undefined] })]));
    const two = fakePredictor({ x: ["float32", undefined], b64: ["string", undefined] });
    const handler = createHttpHandler(await served({ ...models, two }));
    const nested = fc.jsonValue({ maxDepth: 4 });
    const body = fc.oneof(
      fc.record({ instances: fc.oneof(fc.array(nested), nested) }).map((value) => JSON.stringify(value)),
      fc
        .record({ inputs: fc.oneof(fc.record({ x: nested, b64: nested }), nested) })
        .map((value) => JSON.stringify(value)),
      nested.map((value) => JSON.stringify(value)),
      fc.string(),
      fc.stringMatching(/^\{"(instances|inputs)":[[\]{}",:0-9a-zN.e+-]*\}$/),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...dtypes, "two"), body, async (model, text) => {
        const response = await handler(
          new Request(`http://h/v1/models/${model}:predict`, { method: "POST", body: text }),
        );
        expect([200, 400, 501]).toContain(response.status);
        const answer = (await response.text()).replaceAll(/-?(NaN|Infinity)/g, "0");
        const value = JSON.parse(answer) as Record<string, unknown>;
        expect(Object.keys(value)).toEqual([
          response.status === 200 ? expect.stringMatching(/predictions|outputs/) : "error",
        ]);
      }),
      { numRuns: 500 },
    );
  });

  it("may have any path", async () => {
    const handler = createHttpHandler(await served({ m: half }));
    const parts = fc.constantFrom(
      "/v1",
      "/models",
      "/m",
      "/versions",
      "/3",
      ":predict",
      "/metadata",
      "/labels",
      "%2F",
      "%",
    );
    const path = fc.array(fc.oneof(parts, fc.string())).map((all) => `/${all.join("")}`);
    await fc.assert(
      fc.asyncProperty(path, fc.constantFrom("GET", "POST", "PUT", "OPTIONS"), async (text, method) => {
        const response = await handler(new Request(`http://h${text}`, { method }));
        expect([200, 400, 404, 405, 501]).toContain(response.status);
        expect(await response.json()).toBeTypeOf("object");
      }),
    );
  });
});

it("answers several outputs by row or by name, bytes as b64", async () => {
  const outputs = { score: tensor([1, 2]), image_bytes: tensor([new Uint8Array([255]), "a"]) };
  const model = fakePredictor(
    { x: ["float32", [-1]] },
    { score: ["float32", [-1]], image_bytes: ["string", [-1]] },
    async () => outputs,
  );
  const manager = await served({ m: model });
  expect((await ask(manager, "/v1/models/m:predict", post({ instances: [1] }))).text).toBe(
    '{"predictions":[{"score":1.0,"image_bytes":{"b64":"/w=="}},{"score":2.0,"image_bytes":{"b64":"YQ=="}}]}',
  );
  expect((await ask(manager, "/v1/models/m:predict", post({ inputs: [1] }))).text).toBe(
    '{"outputs":{"score":[1.0,2.0],"image_bytes":[{"b64":"/w=="},{"b64":"YQ=="}]}}',
  );
});
