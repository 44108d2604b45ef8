import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assetsOf, initOpOf } from "./init-op.js";
import { parseSavedModel, selectMetaGraph } from "./saved-model.js";
import { signaturesOf } from "./signatures.js";
import { varint } from "./testing/bundle-writer.js";
import { codeOf, savedModelBytes } from "./testing/files.js";

/** Empty messages, one in the other, each under the tag of its field; the innermost first. */
function nested(tags: readonly number[]): Uint8Array {
  const heads: Uint8Array[] = [];
  let length = 0;
  for (const tag of tags) {
    const head = Uint8Array.of(tag, ...varint(length));
    heads.push(head);
    length += head.length;
  }
  return Uint8Array.from(heads.toReversed().flatMap((head) => [...head]));
}

const graphOf = (model: string): ReturnType<typeof selectMetaGraph> =>
  selectMetaGraph(parseSavedModel(savedModelBytes(model)));

describe("signatures", () => {
  it.each([
    ["mnist/1", ["serving_default"], "images", { dtype: "float32", shape: [-1, 28, 28] }],
    ["mnist_estimator/1", ["classify", "serving_default"], "x", { dtype: "float32", shape: [-1, 28, 28] }],
    ["half_plus_two/1", ["serving_default"], "x", { dtype: "float32", shape: [-1] }],
    [
      "multi/1",
      ["argmax", "compare", "concat", "dense", "scale", "serving_default"],
      "a",
      { dtype: "float32", shape: [-1, 3] },
    ],
    ["tf1_text/1", ["classify", "regress", "serving_default"], "examples", { dtype: "string", shape: [-1] }],
  ])("of %s", (model, names, input, spec) => {
    const signatures = signaturesOf(graphOf(model));
    expect([...signatures.keys()].sort()).toEqual(names);
    expect(signatures.get("serving_default")?.inputs[input]).toMatchObject(spec);
    expect(signatures.get("serving_default")?.methodName).toBe("tensorflow/serving/predict");
  });

  it("tell methods and dtypes apart", () => {
    const text = signaturesOf(graphOf("tf1_text/1"));
    expect(text.get("classify")?.methodName).toBe("tensorflow/serving/classify");
    expect(text.get("regress")?.methodName).toBe("tensorflow/serving/regress");
    expect(signaturesOf(graphOf("mnist_estimator/1")).get("serving_default")?.outputs["classes"]?.dtype).toBe("int64");
  });
});

it("finds what initializes a model, and the assets that it reads", () => {
  expect(initOpOf(graphOf("mnist/1"))).toBe("NoOp");
  const text = graphOf("tf1_text/1");
  expect(initOpOf(text)).toMatch(/init/);
  const [asset, ...rest] = assetsOf(text);
  expect(rest).toEqual([]);
  expect(asset?.filename).toMatch(/\.txt$/);
  expect(asset?.tensorName).toMatch(/:0$/);
});

describe("tags", () => {
  it("are compared as sets", () => {
    const model = parseSavedModel(savedModelBytes("half_plus_two/1"));
    expect(selectMetaGraph(model, ["serve", "serve"])).toBe(selectMetaGraph(model));
  });

  it.each([[["train"]], [[]], [["serve", "gpu"]]])(
    "%j of no graph are an error that lists those there are",
    async (tags) => {
      const model = parseSavedModel(savedModelBytes("half_plus_two/1"));
      expect(await codeOf(() => selectMetaGraph(model, tags))).toBe("NOT_FOUND");
      expect(() => selectMetaGraph(model, tags)).toThrow("there are graphs tagged {serve}");
    },
  );
});

describe("saved_model.pb", () => {
  it.each(["mnist/1", "mnist_estimator/1"])("of %s is DATA_LOSS wherever it is cut", async (model) => {
    const bytes = savedModelBytes(model);
    for (let length = 0; length < bytes.length; length += 100) {
      expect(await codeOf(() => parseSavedModel(bytes.subarray(0, length))), `${length} bytes`).toBe("DATA_LOSS");
    }
  });

  it("is DATA_LOSS or a model for any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), async (bytes) => {
        expect([undefined, "DATA_LOSS"]).toContain(await codeOf(() => parseSavedModel(bytes)));
      }),
    );
  });

  it.each([10, 1_000, 100_000])(
    "with attributes %i deep is a model only within the limit of 100 messages",
    async (depth) => {
      // From the inside out: an attribute is a function, which has attributes, which have values.
      const tags = Array.from({ length: depth }, () => [0x12, 0x12, 0x52]).flat();
      const code = await codeOf(() => {
        const [graph] = parseSavedModel(nested([...tags, 0x12, 0x2a, 0x0a, 0x12, 0x12])).metaGraphs;
        expect(graph?.graphDef?.node[0]?.attr.get("")?.value?.$case).toBe("func");
      });
      expect(code).toBe(depth > 10 ? "DATA_LOSS" : undefined);
    },
  );

  it("gives a model, a graph and signatures, or an error of ours, whichever bytes are changed", async () => {
    const whole = savedModelBytes("multi/1");
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const bytes = whole.slice();
        for (const [at, byte] of list) bytes[at] = byte;
        await codeOf(() => {
          const graph = selectMetaGraph(parseSavedModel(bytes));
          signaturesOf(graph);
          initOpOf(graph);
          assetsOf(graph);
        });
      }),
      { numRuns: 200 },
    );
  });
});
