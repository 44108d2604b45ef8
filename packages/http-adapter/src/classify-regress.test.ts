import { makeTensor, type Predictor, type Tensor } from "@servable/core";
import { type ExampleFeature, type ExampleFeatures, regress } from "@servable/inference";
import { describe, expect, it } from "vitest";
import { ask, post } from "./testing/ask.js";
import { served } from "./testing/served.js";

const taking = { inputs: { dtype: "string", shape: [-1] } } as const;
const text = new TextEncoder();

/** A predictor of examples, and the serialized examples that it was last asked about. */
function examplesModel(outputs: Readonly<Record<string, Tensor>>): { model: Predictor; asked: () => unknown } {
  let asked: unknown;
  const specs = Object.fromEntries(Object.entries(outputs).map(([name, { dtype, shape }]) => [name, { dtype, shape }]));
  const signature = { inputs: taking, outputs: specs, methodName: "" };
  const model: Predictor = {
    signatures: { serving_default: signature, other: signature },
    async predict({ inputs }) {
      asked = inputs?.data;
      return { ...outputs };
    },
  };
  return { model, asked: () => asked };
}

const scores = makeTensor("float32", [2, 2], Float32Array.of(12, 0.1, Number.NaN, Number.POSITIVE_INFINITY));
const classes = makeTensor(
  "string",
  [2, 2],
  ["a", 'b"', "ü", ""].map((label) => text.encode(label)),
);
const values = makeTensor("float32", [2], Float32Array.of(42, 0.1));

describe("examples over HTTP", () => {
  it.each([
    ["classify", { scores }, '{"results":[[["",12.0],["",0.1]],[["",NaN],["",Infinity]]]}'],
    ["classify", { scores, classes }, '{"results":[[["a",12.0],["b\\"",0.1]],[["ü",NaN],["",Infinity]]]}'],
    ["classify", { classes }, '{"results":[[["a",0.0],["b\\"",0.0]],[["ü",0.0],["",0.0]]]}'],
    ["regress", { outputs: values }, '{"results":[42.0,0.1]}'],
  ])(":%s gives results as TensorFlow Serving writes them", async (method, outputs, answer) => {
    const manager = await served({ m: examplesModel(outputs).model });
    manager.setLabel("m", "stable", 3);
    for (const place of ["m", "m/versions/3", "m/labels/stable"]) {
      const body = { signature_name: "other", examples: [{}, {}] };
      const reply = await ask(manager, `/v1/models/${place}:${method}`, post(body));
      expect([reply.status, reply.text]).toEqual([200, answer]);
    }
  });

  it("writes what is not finite as the server is set to", async () => {
    const numbers = makeTensor("float32", [2], Float32Array.of(Number.NEGATIVE_INFINITY, 1));
    const body = post('{"signature_name":"other","examples":[{},{}]}');
    const answers = async (method: "classify" | "regress", nonFinite: "null" | "error"): Promise<unknown> => {
      const model = method === "classify" ? examplesModel({ scores }) : examplesModel({ outputs: numbers });
      const manager = await served({ m: model.model });
      const reply = await ask(manager, `/v1/models/m:${method}`, { ...body, options: { nonFinite } });
      return [reply.status, reply.text];
    };
    expect(await answers("classify", "null")).toEqual([
      200,
      '{"results":[[["",12.0],["",0.1]],[["",null],["",null]]]}',
    ]);
    expect(await answers("regress", "null")).toEqual([200, '{"results":[null,1.0]}']);
    for (const [method, output, value] of [
      ["classify", "scores", "NaN"],
      ["regress", "outputs", "-Infinity"],
    ] as const) {
      const [status, text] = (await answers(method, "error")) as [number, string];
      expect(status).toBe(400);
      expect(text).toContain(`output ${output} has the value ${value}`);
    }
  });

  it("makes features by the form of their values, and gives each example what only the context has", async () => {
    const { model, asked } = examplesModel({ outputs: values });
    const context = '{"shared":"all","n":[7]}';
    const first = '{"n":[1,-9223372036854775808,true],"x":[1.0,2e0,NaN],"s":"hey"}';
    const second = '{"b":{"b64":"AP8="},"bs":["x",{"b64":"eQ"}],"none":[],"y":-0.5,"t":false}';
    const body = `{"context":${context},"examples":[${first},${second}]}`;
    const manager = await served({ m: model });
    expect((await ask(manager, "/v1/models/m:regress", post(body))).status).toBe(200);
    const made = asked();
    const examples: readonly ExampleFeatures[] = [
      new Map<string, ExampleFeature>([
        ["n", { kind: "int64", values: BigInt64Array.of(1n, -(2n ** 63n), 1n) }],
        ["x", { kind: "float", values: Float32Array.of(1, 2, Number.NaN) }],
        ["s", { kind: "bytes", values: [text.encode("hey")] }],
      ]),
      new Map<string, ExampleFeature | undefined>([
        ["b", { kind: "bytes", values: [Uint8Array.of(0, 255)] }],
        ["bs", { kind: "bytes", values: [text.encode("x"), text.encode("y")] }],
        ["none", undefined],
        ["y", { kind: "float", values: Float32Array.of(-0.5) }],
        ["t", { kind: "int64", values: BigInt64Array.of(0n) }],
      ]),
    ];
    const shared = new Map<string, ExampleFeature>([
      ["shared", { kind: "bytes", values: [text.encode("all")] }],
      ["n", { kind: "int64", values: BigInt64Array.of(7n) }],
    ]);
    await regress(manager, { model: "m", examples, context: shared });
    expect(made).toEqual(asked());
  });

  it.each([
    ["", "the body is empty"],
    ["[]", "must be a JSON object, got a list"],
    ["{}", 'no "examples" (a list of objects) to classify'],
    ['{"examples":{}}', '"examples" must be a list, got an object'],
    ['{"examples":[]}', '"examples" is empty'],
    ['{"examples":[1]}', "examples[0] must be an object of features, got 1"],
    ['{"context":[],"examples":1}', "context must be an object of features"],
    ['{"examples":[{},{"f":[1,2.0]}]}', "examples[1].f[1] is float, but examples[1].f[0] is int64"],
    ['{"examples":[{"f":[1.0,2]}]}', "examples[0].f[1] is int64, but examples[0].f[0] is float"],
    ['{"examples":[{"f":null}]}', "examples[0].f is null; a feature is"],
    ['{"examples":[{"f":[[1]]}]}', "examples[0].f[0] is a list of 1"],
    ['{"examples":[{"f":{"b65":""}}]}', "examples[0].f is an object"],
    ['{"examples":[{"f":{"b64":"?"}}]}', 'examples[0].f: "b64" holds what is no base64'],
    ['{"examples":[{"f":9223372036854775808}]}', "examples[0].f is 9223372036854775808, which is no int64"],
    ['{"signature_name":1,"examples":[{}]}', '"signature_name" must be a string'],
    ['{"signature_name":"no","examples":[{},{}]}', "m/3 has no signature no"],
    ['{"examples":[{}]}', "needs 1 rows, one an example, got 2"],
  ])("refuses %s", async (body, message) => {
    const manager = await served({ m: examplesModel({ scores }).model });
    const reply = await ask(manager, "/v1/models/m:classify", post(body));
    expect([reply.status, JSON.parse(reply.text)]).toEqual([400, { error: expect.stringContaining(message) }]);
  });

  it("refuses a servable that is no predictor, and one with other inputs, by name", async () => {
    const other: Predictor = {
      signatures: { serving_default: { inputs: { x: taking.inputs }, outputs: {}, methodName: "" } },
      predict: async () => ({}),
    };
    const manager = await served({ table: new Map(), other });
    for (const [model, message] of [
      ["table", "table/3 cannot be called over a wire"],
      ["other", "other/3, signature serving_default: to regress takes a signature with one input, inputs"],
    ] as const) {
      const reply = await ask(manager, `/v1/models/${model}:regress`, post({ examples: [{}] }));
      expect([reply.status, reply.text]).toEqual([400, expect.stringContaining(message)]);
    }
  });
});
