import { createManager, type ModelFiles, type OpenFiles } from "@servable/core";
import { type HttpServer, listen } from "@servable/http-adapter/node";
import { composite, embeddingsFiles, ensemble, lookupTable, lookupTableFiles, pipeline } from "@servable/servables";
import { of } from "rxjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask } from "./command.js";

const utf8 = new TextEncoder();

/** A version with one file. */
function fileOf(text: string): ModelFiles {
  const bytes = utf8.encode(text);
  return {
    open: async (): Promise<OpenFiles> => ({
      list: async () => [{ name: "data.txt", sizeBytes: bytes.length }],
      read: async (_, range) => bytes.slice(range?.start, range?.end),
      async [Symbol.asyncDispose]() {},
    }),
  };
}

const vectors = "3 2\nking 1 0.5\nqueen 0.5 1\nbread -1 0\n";
const one = <N extends string, D>(name: N, data: D): { name: N; versions: { version: number; data: D }[] } => ({
  name,
  versions: [{ version: 1, data }],
});

const manager = createManager({
  vocab: of(one("vocab", lookupTable({ r0: "king", r1: "bread" }, { default: "?" }))),
  ids: of(one("ids", lookupTableFiles({ value: "int64" })(fileOf("king\t7\nqueen\t9007199254740993\n")))),
  words: of(one("words", embeddingsFiles({ k: 2 })(fileOf(vectors)))),
  search: of(
    one(
      "search",
      pipeline([
        { name: "words", inputs: { keys: "word" }, outputs: { vectors: "query" } },
        { name: "words", signature: "nearest", outputs: { keys: "similar" } },
      ]),
    ),
  ),
  name: of(
    one(
      "name",
      composite({
        parts: { vocab: { name: "vocab" }, ids: { name: "ids" } },
        signatures: ({ vocab, ids }) => ({
          serving_default: {
            inputs: vocab.signatures["serving_default"]?.inputs ?? {},
            outputs: { id: ids.signatures["serving_default"]?.outputs["values"] ?? { dtype: "int64", shape: [-1] } },
            methodName: "tensorflow/serving/predict",
          },
        }),
        async run({ vocab, ids }, inputs) {
          const { values } = await vocab.predict(inputs);
          const { values: id } = await ids.predict(values === undefined ? {} : { keys: values });
          return id === undefined ? {} : { id };
        },
      }),
    ),
  ),
  jury: of(one("jury", ensemble({ parts: { a: { name: "vocab" }, b: { name: "vocab" } }, combine: "vote" }))),
});

let server: HttpServer;
beforeAll(async () => {
  for (const name of ["vocab", "ids", "words", "search", "name", "jury"] as const) await manager.whenAvailable(name);
  server = await listen(manager, { port: 0 });
});
afterAll(async () => {
  await server.close();
  await manager.close();
});

const predict = (name: string, body: unknown): ReturnType<typeof ask> =>
  ask(`${server.url}/v1/models/${name}:predict`, body);

describe("over TensorFlow Serving's REST API", () => {
  it("a lookup table answers by rows and by columns, in the shape of the keys", async () => {
    expect(await predict("vocab", { instances: ["r1", "r0", "r9"] })).toEqual({
      status: 200,
      json: {
        predictions: [
          { values: "bread", found: true },
          { values: "king", found: true },
          { values: "?", found: false },
        ],
      },
    });
    expect((await predict("vocab", { inputs: { keys: [["r0"], ["r1"]] } })).json).toEqual({
      outputs: { values: [["king"], ["bread"]], found: [[true], [true]] },
    });
  });

  it("an integer beyond 2^53 keeps its last digit, and a missing key is the caller's fault", async () => {
    const response = await fetch(`${server.url}/v1/models/ids:predict`, {
      method: "POST",
      body: JSON.stringify({ inputs: ["queen"] }),
    });
    expect(await response.text()).toContain("9007199254740993");
    const answer = await predict("ids", { instances: ["king", "knight"] });
    expect([answer.status, (answer.json as { error: string }).error]).toEqual([
      400,
      'ids/1: there is no key "knight", at index 1 of keys; with the option `default` missing keys get a value',
    ]);
  });

  it("embeddings give vectors, and the nearest keys to a vector", async () => {
    expect((await predict("words", { instances: ["king", "knight"] })).json).toEqual({
      predictions: [
        { vectors: [1, 0.5], found: true },
        { vectors: [0, 0], found: false },
      ],
    });
    expect((await predict("words", { signature_name: "nearest", instances: [[2, 1]] })).json).toEqual({
      predictions: [{ keys: ["king", "queen"], scores: [1, expect.closeTo(0.8)] }],
    });
    const wrong = await predict("words", { signature_name: "nearest", instances: [[1, 2, 3]] });
    expect([wrong.status, (wrong.json as { error: string }).error]).toEqual([400, expect.stringContaining("words/1")]);
  });

  it("a pipeline, a composite and an ensemble answer like any model", async () => {
    expect((await predict("search", { instances: ["queen"] })).json).toEqual({
      predictions: [{ similar: ["queen", "king"], scores: [1, expect.closeTo(0.8)] }],
    });
    expect((await predict("name", { instances: ["r0"] })).json).toEqual({ predictions: [7] });
    expect((await predict("jury", { instances: ["r0"] })).json).toEqual({
      predictions: [{ values: "king", found: true }],
    });
  });

  it("an error of a part names the composite and the part", async () => {
    const answer = await predict("name", { instances: ["r1"] });
    expect(answer.status).toBe(400);
    expect((answer.json as { error: string }).error).toContain(
      'name/1: ids: ids/1: there is no key "bread", at index 0',
    );
  });

  it("metadata tells their signatures", async () => {
    const signaturesOf = async (name: string): Promise<unknown> => {
      const { json } = await ask(`${server.url}/v1/models/${name}/metadata`);
      return (json as { metadata: { signature_def: { signature_def: unknown } } }).metadata.signature_def.signature_def;
    };
    expect(await signaturesOf("vocab")).toMatchObject({
      serving_default: {
        inputs: { keys: { dtype: "DT_STRING", tensor_shape: { unknown_rank: true } } },
        outputs: { values: { dtype: "DT_STRING" }, found: { dtype: "DT_BOOL" } },
        method_name: "tensorflow/serving/predict",
      },
    });
    expect(await signaturesOf("words")).toMatchObject({
      nearest: { outputs: { keys: { tensor_shape: { dim: [{ size: "-1" }, { size: "2" }] } } } },
    });
    expect(await signaturesOf("search")).toMatchObject({
      serving_default: { inputs: { word: { dtype: "DT_STRING" } }, outputs: { similar: {}, scores: {} } },
    });
  });
});
