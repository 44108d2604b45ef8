import { makeTensor, type Predictor } from "@servable/core";
import { describe, expect, it } from "vitest";
import { createHttpHandler } from "./create-http-handler.js";
import { ask, half, post, type Reply } from "./testing/ask.js";
import { fakePredictor, served } from "./testing/served.js";

/**
 * What TensorFlow Serving's REST API does, line by line, where ours is to do the same; docs/compatibility.md has the rest.
 * Examples have tests of their own, and so have metrics.
 */
const anything = fakePredictor({ x: ["float32", undefined] });
const int64 = fakePredictor({ x: ["int64", [-1]] });
const text = fakePredictor(
  { x: ["string", [-1]] },
  { plain: ["string", [-1]], raw_bytes: ["string", [-1]] },
  async ({ x }) => ({
    ...(x && { plain: x, raw_bytes: x }),
  }),
);
const two = fakePredictor({ a: ["float32", undefined], b: ["float32", undefined] });
const scalar = fakePredictor({ x: ["float32", undefined] }, { y: ["float32", []] }, async () => ({
  y: makeTensor("float32", [], Float32Array.of(3)),
}));
const ragged = fakePredictor(
  { x: ["float32", undefined] },
  { y: ["float32", [-1]], z: ["float32", [-1]] },
  async () => ({
    y: makeTensor("float32", [1], Float32Array.of(1)),
    z: makeTensor("float32", [2], Float32Array.of(1, 2)),
  }),
);
const many: Predictor = {
  ...half,
  signatures: {
    ...half.signatures,
    other: half.signatures["serving_default"] ?? { inputs: {}, outputs: {}, methodName: "" },
  },
};
const models = { half, anything, int64, text, two, scalar, ragged, many, "a/b:c d": half, table: new Map() };

const send = async (path: string, init?: RequestInit): Promise<Reply> => {
  const manager = await served(models);
  manager.setLabel("half", "stable", 3);
  return ask(manager, path, init);
};

describe("5.1 routes", () => {
  it.each<[string, string, number]>([
    ["POST", "/v1/models/half:predict", 200],
    ["POST", "/v1/models/half/versions/3:predict", 200],
    ["POST", "/v1/models/half/labels/stable:predict", 200],
    ["GET", "/v1/models/half", 200],
    ["GET", "/v1/models/half/versions/3", 200],
    ["GET", "/v1/models/half/labels/stable", 200],
    ["GET", "/v1/models/half/metadata", 200],
    ["GET", "/v1/models/half/versions/3/metadata", 200],
    ["GET", "/v1/models/half/labels/stable/metadata", 200],
    ["POST", "/v1/models/a%2Fb%3Ac%20d:predict", 200],
    ["POST", "/v1/models/a%2fb%3ac%20d/versions/3:predict", 200],
    ["POST", "/v1/models/a%2Fb%3Ac+d:predict", 404],
    ["POST", "/v1/models/half/versions/9:predict", 404],
    ["POST", "/v1/models/none:predict", 404],
    ["GET", "/v1/models/none", 404],
    ["GET", "/v1/models/half/versions/9", 404],
    ["GET", "/v1/models/none/metadata", 404],
    ["POST", "/v1/models/half/versions/99999999999999999999:predict", 400],
    ["POST", "/v1/models/%:predict", 400],
    ["POST", "/v1/models/table:predict", 400],
    ["GET", "/v1/models/table/metadata", 400],
    // TensorFlow Serving answers these with 400; a path that is none is 404 here, and a wrong method 405.
    ["POST", "/v1/models/half/versions/x:predict", 404],
    ["POST", "/v1/models/half/versions/3/labels/stable:predict", 404],
    ["GET", "/v1/models/half/", 404],
    ["POST", "/v1/models/half:PREDICT", 404],
    ["PUT", "/v1/models/half:predict", 405],
    ["DELETE", "/v1/models/half", 405],
  ])("%s %s: %i", async (method, path, status) => {
    const body = method === "POST" ? { body: '{"instances":[1]}' } : {};
    const reply = await send(path, { method, ...body });
    expect([reply.status, reply.headers.get("content-type")]).toEqual([status, "application/json"]);
    expect("error" in (JSON.parse(reply.text) as object)).toBe(status >= 400);
  });
});

describe("5.2 headers", () => {
  it.each(["text/plain", "application/octet-stream", ""])("ignores the content type %s and Accept", async (type) => {
    const headers = { ...(type && { "content-type": type }), accept: "text/html" };
    const reply = await send("/v1/models/half:predict", post({ instances: [1] }, { headers }));
    expect([reply.status, reply.headers.get("content-type")]).toEqual([200, "application/json"]);
  });
});

describe("5.3 to 5.5 predict", () => {
  it.each<[string, string, string]>([
    ["half", '{"instances":[1.0,2.0]}', '{"predictions":[2.5,3.0]}'],
    ["half", '{"inputs":[3.0,4.0]}', '{"outputs":[3.5,4.0]}'],
    ["half", '{"instances":[[1.0,2.0],[3.0,4.0]]}', '{"predictions":[[2.5,3.0],[3.5,4.0]]}'],
    ["half", '{"signature_name":"","instances":[1]}', '{"predictions":[2.5]}'],
    ["many", '{"signature_name":"other","instances":[1]}', '{"predictions":[2.5]}'],
    ["half", '{"unknown":{},"instances":[{"x":1},{"x":2}]}', '{"predictions":[2.5,3.0]}'],
    ["half", '{"inputs":{"x":[1],"extra":2}}', '{"outputs":[2.5]}'],
    ["anything", '{"inputs":1.5}', '{"outputs":1.5}'],
    ["anything", '{"inputs":[]}', '{"outputs":[]}'],
    ["anything", '{"instances":[NaN,-NaN,Inf,-Infinity]}', '{"predictions":[NaN,NaN,Infinity,-Infinity]}'],
    ["anything", '{"instances":[3,0.1,1e39,-1e39,1e-50]}', '{"predictions":[3.0,0.1,Infinity,-Infinity,0.0]}'],
    [
      "int64",
      '{"instances":[9223372036854775807,-9223372036854775808]}',
      '{"predictions":[9223372036854775807,-9223372036854775808]}',
    ],
    ["two", '{"inputs":{"a":1,"b":[1,2,3]}}', '{"outputs":{"a":1.0,"b":[1.0,2.0,3.0]}}'],
    ["two", '{"instances":[{"a":1,"b":2},{"b":4,"a":3}]}', '{"predictions":[{"a":1.0,"b":2.0},{"a":3.0,"b":4.0}]}'],
    [
      "text",
      '{"instances":["a",{"b64":"/w=="}]}',
      '{"predictions":[{"plain":"a","raw_bytes":{"b64":"YQ=="}},{"plain":"\ufffd","raw_bytes":{"b64":"/w=="}}]}',
    ],
    ["scalar", '{"inputs":1}', '{"outputs":3.0}'],
  ])("%s answers %s", async (model, body, answer) => {
    const reply = await send(`/v1/models/${model}:predict`, post(body));
    expect([reply.status, reply.text]).toEqual([200, answer]);
  });

  it.each<[string, string]>([
    ["half", ""],
    ["half", "{"],
    ["half", "[]"],
    ["half", '{"signature_name":5,"instances":[1]}'],
    ["half", '{"signature_name":"none","instances":[1]}'],
    ["half", '{"instances":[1],"inputs":[1]}'],
    ["half", "{}"],
    ["half", '{"instances":{}}'],
    ["half", '{"instances":[]}'],
    ["half", '{"instances":[{"x":1},2]}'],
    ["half", '{"instances":[1,{"x":2}]}'],
    ["half", '{"instances":[{"x":1,"y":2}]}'],
    ["half", '{"instances":[[1,2],[3]]}'],
    ["half", '{"instances":[[1],[[2]]]}'],
    ["half", '{"instances":[1,[2]]}'],
    ["half", '{"instances":["1"]}'],
    ["half", '{"instances":[true]}'],
    ["half", '{"instances":[null]}'],
    ["two", '{"instances":[1]}'],
    ["two", '{"instances":[{"a":1}]}'],
    ["two", '{"inputs":[1]}'],
    ["two", '{"inputs":{"a":1}}'],
    ["two", '{"inputs":{"b64":"YQ=="}}'],
    ["int64", '{"instances":[1.5]}'],
    ["int64", '{"instances":[9223372036854775808]}'],
    ["text", '{"instances":[1]}'],
    ["text", '{"instances":[{"b64":"%"}]}'],
    ["text", '{"instances":[{"b64":1}]}'],
    ["scalar", '{"instances":[1]}'],
    ["ragged", '{"instances":[1]}'],
  ])("%s refuses %s with 400 and an error", async (model, body) => {
    const reply = await send(`/v1/models/${model}:predict`, post(body));
    expect([reply.status, JSON.parse(reply.text)]).toEqual([400, { error: expect.any(String) }]);
  });

  it("looks up the servable after the JSON, so that a syntax error comes first", async () => {
    expect((await send("/v1/models/none:predict", post("{"))).status).toBe(400);
    expect((await send("/v1/models/none:predict", post({ instances: [1] }))).status).toBe(404);
  });
});

describe("5.7 and 5.8 status and metadata", () => {
  it("have TensorFlow Serving's keys in its order, and numbers as strings", async () => {
    expect(JSON.stringify(JSON.parse((await send("/v1/models/half")).text))).toBe(
      '{"model_version_status":[{"version":"3","state":"AVAILABLE","status":{"error_code":"OK","error_message":""}}]}',
    );
    const tensor = (name: string): string =>
      `{"${name}":{"dtype":"DT_INT64","tensor_shape":{"dim":[{"size":"-1","name":""}],"unknown_rank":false},"name":""}}`;
    expect(JSON.stringify(JSON.parse((await send("/v1/models/int64/metadata")).text))).toBe(
      `{"model_spec":{"name":"int64","signature_name":"","version":"3"},"metadata":{"signature_def":{"signature_def":{"serving_default":` +
        `{"inputs":${tensor("x")},"outputs":${tensor("x")},"method_name":"tensorflow/serving/predict","defaults":{}}}}}}`,
    );
  });
});

it("5.2 any failure of a model has a status and a JSON error", async () => {
  const predict = async (): Promise<never> => {
    throw new Error("boom");
  };
  const handler = createHttpHandler(await served({ m: { ...half, predict } }));
  const response = await handler(new Request("http://h/v1/models/m:predict", post({ instances: [1] })));
  expect([response.status, await response.json()]).toEqual([500, { error: "m/3: boom" }]);
});
