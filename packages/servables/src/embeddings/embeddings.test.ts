import { makeTensor, ServingError, tensor, toNested } from "@servable/core";
import { loadContext } from "@servable/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryFiles } from "../testing/memory-files.js";
import type { EmbeddingIndex } from "./embedding-index.js";
import { type EmbeddingsFilesOptions, type EmbeddingsOptions, embeddings, embeddingsFiles } from "./embeddings.js";
import type { VectorEntries } from "./read-vectors.js";

const context = loadContext({ id: { name: "words", version: 1 } });
const made = async (entries: VectorEntries, options?: EmbeddingsOptions): Promise<EmbeddingIndex> =>
  (await embeddings(entries, options).load(context)).servable;
const read = async (text: string | Uint8Array, options?: EmbeddingsFilesOptions): Promise<EmbeddingIndex> =>
  (await embeddingsFiles(options)(memoryFiles({ "vectors.txt": text })).load(context)).servable;
const all = (index: EmbeddingIndex): unknown => [...index.keys()].map((key) => [key, [...(index.get(key) ?? [])]]);

const compass = { north: [0, 2], east: [3, 0], both: [1, 1], none: [0, 0], south: [0, -1] };

describe("a file of vectors", () => {
  it.each([
    ["spaces", "a 1 2\nb -0.5 1e-3\n"],
    ["tabs", "a\t1\t2\nb\t-0.5\t1e-3"],
    ["CRLF and gaps at the end", "a 1 2 \r\nb  -0.5 \t1e-3\t\r\n"],
    ["word2vec's header", "2 2\na 1 2\nb -0.5 1e-3\n"],
    ["a byte order mark", "\u{feff}2 2\na 1 2\nb -0.5 1e-3\n"],
  ])("with %s is read", async (_, text) => {
    const index = await read(text);
    expect([index.size, index.dim, all(index)]).toEqual([
      2,
      2,
      [
        ["a", [1, 2]],
        ["b", [-0.5, Math.fround(1e-3)]],
      ],
    ]);
  });

  it("has a header or not, where that is said", async () => {
    expect(all(await read("5 3\n6 4\n", { header: false }))).toEqual([
      ["5", [3]],
      ["6", [4]],
    ]);
    await expect(read("a 1\n", { header: true })).rejects.toThrow('words/1: vectors.txt:1: "a 1" is no header');
  });

  it.each<[string, string | Uint8Array, string]>([
    ["NaN", "a 1 2\nb 1 nan", 'vectors.txt:2: number 2, "nan", is no finite float32'],
    ["Infinity", "a Infinity 2", 'vectors.txt:1: number 1, "Infinity", is no'],
    ["a number beyond float32", "a 1e39", "is no finite float32"],
    ["a word", "a b c", 'number 1, "b", is no'],
    ["a shorter vector", "a 1 2\nb 1", "vectors.txt:2: the vector has 1 numbers, the first one has 2"],
    ["a longer vector", "a 1 2\nb 1 2 3", "vectors.txt:2: the vector has 3 numbers, the first one has 2"],
    ["no numbers", "a\nb 1", "vectors.txt:1: there are no numbers after the key"],
    ["an empty line", "a 1\n\nb 1", "vectors.txt:2: there is no key at the start of the line"],
    ["a gap before the key", " a 1", "vectors.txt:1: there is no key"],
    ["a key that comes twice", "a 1\nb 2\na 3", 'vectors.txt:3: the key "a" is there already, as vector 1'],
    ["a key that is no UTF-8", Uint8Array.of(0xff, 0x20, 0x31), "vectors.txt:1: is not UTF-8"],
    ["another length than the header's", "1 3\na 1 2", "vectors.txt:2: the vector has 2 numbers, the header says 3"],
    ["fewer vectors than the header says", "3 1\na 1\nb 2", "vectors.txt: the header says 3 vectors, there are 2"],
    ["more vectors than the header says", "1 1\na 1\nb 2", "vectors.txt: the header says 1 vectors, there are 2"],
    ["a header that no file can fill", "999999999 300\na 1", "vectors.txt:1: the header says 999999999 vectors of 300"],
    ["a header of more digits than there are", `${"9".repeat(400)} 3\n`, "more than 403 bytes can hold"],
    ["nothing in it", "", "vectors.txt: there are no vectors"],
    ["only a header", "0 0\n", "vectors.txt: there are no vectors"],
  ])("with %s is refused, by file and line", async (_, text, message) => {
    await expect(read(text)).rejects.toMatchObject({ code: "DATA_LOSS", retryable: false });
    await expect(read(text)).rejects.toThrow(message);
    await expect(read(text)).rejects.toThrow(/^words\/1: vectors\.txt/);
  });

  it("gives back what was written", async () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true });
    const key = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }).filter((each) => !/[ \t\r\n]/.test(each));
    const vectors = fc.integer({ min: 1, max: 9 }).chain((dim) =>
      fc.uniqueArray(fc.tuple(key, fc.array(float, { minLength: dim, maxLength: dim })), {
        selector: ([key]) => key,
        minLength: 1,
        maxLength: 150,
      }),
    );
    await fc.assert(
      fc.asyncProperty(vectors, fc.boolean(), async (vectors, hasHeader) => {
        const lines = vectors.map(([key, numbers]) =>
          [key, ...numbers.map((each) => (each === 0 ? "0" : each))].join(" "),
        );
        const head = hasHeader ? [`${vectors.length} ${vectors[0]?.[1].length}`] : [];
        const index = await read([...head, ...lines].join("\n"), { header: hasHeader });
        expect(all(index)).toEqual(vectors.map(([key, numbers]) => [key, numbers.map((each) => each + 0)]));
      }),
      { numRuns: 40 },
    );
  });

  it("estimates from the file, tells what it takes, and holds no file", async () => {
    const files = memoryFiles({
      x: Array.from({ length: 1_000 }, (_, row) => `k${row} ${"0.1234 ".repeat(50)}`).join("\n"),
    });
    const loader = embeddingsFiles({ metric: "dot" })(files);
    const { memoryBytes: estimate = 0 } = (await loader.estimateResources?.(context)) ?? {};
    const { resources: { memoryBytes = 0 } = {}, describe } = await loader.load(context);
    expect(describe?.()).toEqual({ entries: 1_000, dim: 50, bytes: memoryBytes, metric: "dot" });
    expect(memoryBytes).toBeGreaterThan(1_000 * 50 * 4);
    expect(memoryBytes).toBeLessThan(estimate * 1.2);
    expect([files.opened, files.closed]).toEqual([2, 2]);
  });
});

describe("given vectors", () => {
  it("are copied, and handed out as copies", async () => {
    const given = Float32Array.of(1, 2);
    const loader = embeddings([["a", given]]);
    given[0] = 9;
    const { servable } = await loader.load(context);
    servable.get("a")?.fill(7);
    expect([all(servable), servable.get("b"), servable.has("a")]).toEqual([[["a", [1, 2]]], undefined, true]);
  });

  it.each<[string, () => unknown, string]>([
    ["none", () => embeddings({}), "embeddings: there are no vectors"],
    ["an empty one", () => embeddings({ a: [] }), "embeddings: entry 1: there are no numbers"],
    ["another length", () => embeddings({ a: [1], b: [1, 2] }), "embeddings: entry 2: the vector has 2 numbers"],
    ["NaN", () => embeddings({ a: [1], b: [Number.NaN] }), "entry 2: number 1 of the vector is not finite"],
    ["a number beyond float32", () => embeddings({ a: [1e39] }), "entry 1: number 1"],
    [
      "a key that comes twice",
      () =>
        embeddings([
          ["a", [1]],
          ["a", [2]],
        ]),
      'entry 2: the key "a" is there already',
    ],
    ["no neighbours", () => embeddings(compass, { k: 0 }), "k must be a positive integer, got 0"],
    ["an unknown metric", () => embeddings(compass, { metric: "l2" as "dot" }), "metric is cosine or dot, not l2"],
    ["lines without length", () => embeddingsFiles({ maxLineBytes: 1.5 }), "maxLineBytes must be a positive integer"],
  ])("are refused at once: %s", (_, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});

describe("nearest", () => {
  it("ranks by cosine or dot product; a zero vector has cosine 0 with everything", async () => {
    const index = await made(compass);
    const root = Math.fround(Math.SQRT1_2);
    expect(index.nearest("north")).toEqual([
      { key: "north", score: 1 },
      { key: "both", score: root },
      { key: "east", score: 0 },
      { key: "none", score: 0 },
      { key: "south", score: -1 },
    ]);
    expect(index.nearest([2, 1], { metric: "dot", k: 2 })).toEqual([
      { key: "east", score: 6 },
      { key: "both", score: 3 },
    ]);
    expect(index.nearest("none", { k: 2 }).map(({ score }) => score)).toEqual([0, 0]);
    expect(index.nearest("north", { exclude: ["north", "both", "unknown"], k: 1 })).toEqual([
      { key: "east", score: 0 },
    ]);
  });

  it.each<[string, Parameters<EmbeddingIndex["nearest"]>, string]>([
    ["an unknown key", ["west"], 'words/1: there is no key "west"'],
    ["another length", [[1, 2, 3]], "words/1: a query has 2 numbers, got 3"],
    ["NaN", [Float32Array.of(1, Number.NaN)], "words/1: the query is not finite in float32"],
    ["no neighbours", ["north", { k: 0.5 }], "words/1: k must be a positive integer, got 0.5"],
  ])("refuses %s", async (_, [query, options], message) => {
    const index = await made(compass);
    expect(() => index.nearest(query, options)).toThrow(new ServingError("INVALID_ARGUMENT", message));
  });

  it("equals comparing with all and sorting, for every metric, k and exclusion", async () => {
    const value = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.float({ min: -8, max: 8, noNaN: true }));
    const vector = (dim: number) =>
      fc.array(value, { minLength: dim, maxLength: dim }).map((each) => Float32Array.from(each));
    const world = fc
      .integer({ min: 1, max: 9 })
      .chain((dim) => fc.tuple(fc.array(vector(dim), { minLength: 1, maxLength: 40 }), vector(dim)));
    const metric = fc.constantFrom("cosine" as const, "dot" as const);
    await fc.assert(
      fc.asyncProperty(world, metric, fc.integer({ min: 1, max: 45 }), async ([vectors, query], metric, k) => {
        const index = await made(vectors.map((each, row) => [String(row), each] as const));
        const exclude = vectors.flatMap((_, row) => (row % 5 === 3 ? [String(row)] : []));
        const nearest = index.nearest(query, { metric, k, exclude });
        const scored = index.nearest(query, { metric, k: vectors.length });
        const ranked = scored
          .filter(({ key }) => !exclude.includes(key))
          .toSorted((a, b) => b.score - a.score || Number(a.key) - Number(b.key));
        expect(nearest).toEqual(ranked.slice(0, k));
        for (const { key, score } of scored) {
          const expected = reference(query, vectors[Number(key)] ?? new Float32Array(), metric);
          expect(Math.abs(score - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(expected)));
        }
        expect(scored.length).toBe(vectors.length);
      }),
    );
  });
});

function reference(a: Float32Array, b: Float32Array, metric: "cosine" | "dot"): number {
  const product = a.reduce((sum, each, index) => sum + each * (b[index] ?? 0), 0);
  const norms = Math.hypot(...a) * Math.hypot(...b);
  if (metric === "dot") return product;
  return norms === 0 ? 0 : product / norms;
}

describe("calls", () => {
  it("look keys up: zeros and not found where there is none", async () => {
    const index = await made(compass);
    const { vectors, found } = await index.predict({
      keys: tensor(["east", "west", Uint8Array.of(0xff), "both"], "string"),
    });
    expect(vectors?.shape).toEqual([4, 2]);
    expect(vectors && toNested(vectors)).toEqual([
      [3, 0],
      [0, 0],
      [0, 0],
      [1, 1],
    ]);
    expect(found && toNested(found)).toEqual([true, false, false, true]);
  });

  it("find the nearest of each query, as many as there are", async () => {
    const index = await made(compass, { k: 2 });
    const { keys, scores } = await index.predict(
      {
        query: tensor([
          [0, 5],
          [-1, 0],
        ]),
      },
      { signature: "nearest" },
    );
    expect(keys && toNested(keys)).toEqual([
      ["north", "both"],
      ["north", "none"],
    ]);
    expect(scores?.shape).toEqual([2, 2]);
    expect(index.signatures["nearest"]?.outputs["scores"]?.shape).toEqual([-1, 2]);
    expect((await made(compass, { k: 50 })).signatures["nearest"]?.outputs["keys"]?.shape).toEqual([-1, 5]);
    const none = await index.predict(
      { query: makeTensor("float32", [0, 2], new Float32Array()) },
      { signature: "nearest" },
    );
    expect(none["keys"]?.shape).toEqual([0, 2]);
  });

  it.each<[string, Parameters<EmbeddingIndex["predict"]>, string]>([
    ["another length", [{ query: tensor([[1, 2, 3]]) }, { signature: "nearest" }], "needs shape [?, 2], got [1, 3]"],
    [
      "NaN",
      [
        {
          query: tensor([
            [1, 2],
            [3, Number.NaN],
          ]),
        },
        { signature: "nearest" },
      ],
      "query[1][1] is NaN, not finite",
    ],
    ["a matrix of keys", [{ keys: tensor([["a"]]) }], "input keys needs shape [?], got [1, 1]"],
  ])("are refused with %s", async (_, [inputs, options], message) => {
    const call = (await made(compass)).predict(inputs, options);
    await expect(call).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/^words\/1: /),
    });
    await expect(call).rejects.toThrow(message);
  });

  it("with much to compare let other work through, and hear an abort", async () => {
    const dim = 64;
    const index = await made(
      Array.from({ length: 64 }, (_, row) => [String(row), new Float32Array(dim).fill(row)] as const),
    );
    const query = makeTensor("float32", [8_192, dim], new Float32Array(8_192 * dim).fill(1));
    const abort = new AbortController();
    const call = index.predict({ query }, { signature: "nearest", signal: abort.signal });
    abort.abort(new Error("gone"));
    await expect(call).rejects.toMatchObject({ code: "CANCELLED", message: "words/1: gone" });
    let isOver = false;
    const whole = index.predict({ query }, { signature: "nearest" }).finally(() => {
      isOver = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    expect((await whole)["keys"]?.shape).toEqual([8_192, 10]);
  });
});
