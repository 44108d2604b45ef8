import { type Loader, makeTensor, type Predictor, tensor } from "@servable/core";
import {
  loadContext,
  loaderContract,
  type PredictorExample,
  type PredictorSubject,
  predictorContract,
} from "@servable/core/testing";
import { describe, expect, it } from "vitest";
import { composite } from "./composite/composite.js";
import { ensemble } from "./composite/ensemble.js";
import { pipeline } from "./composite/pipeline.js";
import { embeddings, embeddingsFiles } from "./embeddings/embeddings.js";
import { lookupTable, lookupTableFiles } from "./lookup-table/lookup-table.js";
import { sharedServable } from "./shared-servable.js";
import { memoryFiles } from "./testing/memory-files.js";

/** Files that can be spoilt, and a table that is shared. */
class World implements AsyncDisposable {
  readonly #content: Record<string, string> = {};
  readonly files = memoryFiles(this.#content);
  readonly base = sharedServable("base", lookupTable({ a: "base", c: "z" }));

  constructor() {
    this.mend();
  }

  get held(): number {
    return this.files.opened - this.files.closed + this.base.holders;
  }

  spoil(): void {
    Object.assign(this.#content, { "table.tsv": "a", "vectors.txt": "a" });
  }

  mend(): void {
    Object.assign(this.#content, { "table.tsv": "a\tx\nb\ty\n", "vectors.txt": "2 2\na 1 0\nb 0 1\n" });
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const entries = { a: "x", b: "y" };
const vectors = { a: [1, 0], b: [0, 1] };
const keys = tensor(["b", "a"]);
const found = tensor([true, true]);
const rows: PredictorExample = { inputs: { keys }, outputs: { values: tensor(["y", "x"]), found } };
const square: PredictorExample = {
  inputs: { keys: tensor([["a"], ["b"]]) },
  outputs: { values: tensor([["x"], ["y"]]), found: tensor([[true], [true]]) },
};
const lookedUp: PredictorExample = {
  inputs: { keys },
  outputs: {
    vectors: tensor([
      [0, 1],
      [1, 0],
    ]),
    found,
  },
};
const nearest: PredictorExample = {
  signature: "nearest",
  inputs: { query: tensor([[3, 4]]) },
  outputs: { keys: tensor([["b", "a"]]), scores: tensor([[0.8, 0.6]]) },
};
const nothing: PredictorExample = {
  signature: "nearest",
  inputs: { query: makeTensor("float32", [0, 2], new Float32Array()) },
  outputs: { keys: makeTensor("string", [0, 2], []), scores: makeTensor("float32", [0, 2], new Float32Array()) },
};

const loaded = async (loader: Loader<Predictor>): Promise<Predictor> => (await loader.load(loadContext())).servable;
const servables = { table: await loaded(lookupTable(entries)), words: await loaded(embeddings(vectors)) };

interface Subject {
  readonly create: (world: World) => Loader<Predictor>;
  readonly examples: readonly PredictorExample[];
  /** Why inputs of any shape are taken. */
  readonly anyShape?: string;
  /** Why its loads cannot be made to fail. */
  readonly alwaysLoads?: string;
}

const anyShape = "keys may have any shape";
const SUBJECTS: Readonly<Record<string, Subject>> = {
  "a table of entries": {
    create: () => lookupTable(entries),
    examples: [rows, square],
    anyShape,
    alwaysLoads: "its entries are checked before",
  },
  "a table of a file": { create: ({ files }) => lookupTableFiles()(files), examples: [rows, square], anyShape },
  "a table over a base": {
    create: ({ files, base }) => lookupTableFiles({ base })(files),
    examples: [rows, { inputs: { keys: tensor("c") }, outputs: { values: tensor("z"), found: tensor(true) } }],
    anyShape,
  },
  "given vectors": {
    create: () => embeddings(vectors),
    examples: [lookedUp, nearest, nothing],
    alwaysLoads: "its vectors are checked before",
  },
  "vectors of a file": { create: ({ files }) => embeddingsFiles()(files), examples: [nearest, lookedUp, nothing] },
  "a composite": {
    create: () =>
      composite({
        parts: { table: { name: "table" } },
        signatures: ({ table }) => table.signatures,
        run: ({ table }, inputs, { outputs }) => table.predict(inputs, { outputs }),
      }),
    examples: [rows, square],
    anyShape,
    alwaysLoads: "its parts are there",
  },
  "a pipeline": {
    create: () =>
      pipeline([
        { name: "words", outputs: { vectors: "query" } },
        { name: "words", signature: "nearest", outputs: { keys: "names" } },
      ]),
    examples: [
      {
        inputs: { keys: tensor(["b"]) },
        outputs: { names: tensor([["b", "a"]]), scores: tensor([[1, 0]]) },
      },
    ],
    alwaysLoads: "its parts are there",
  },
  "an ensemble": {
    create: () => ensemble({ parts: { one: { name: "table" }, other: { name: "table" } }, combine: "vote" }),
    examples: [rows, square],
    anyShape,
    alwaysLoads: "its parts are there",
  },
};

describe.each(Object.entries(SUBJECTS))("%s", (_, { create, examples, anyShape, alwaysLoads }) => {
  describe("as a loader", () => {
    const cases = loaderContract({
      world: () => new World(),
      create,
      servables,
      check: async (servable: Predictor) => {
        for (const { inputs, outputs, signature } of examples) {
          const options = signature === undefined ? {} : { signature };
          expect(await servable.predict(inputs, options)).toEqual(outputs);
        }
      },
      held: ({ held }) => held,
      breakLoads: (world) => world.spoil(),
      mendLoads: (world) => world.mend(),
      ...(alwaysLoads !== undefined && {
        skip: {
          "loads after a load that has failed": alwaysLoads,
          "holds nothing after a load that has failed": alwaysLoads,
        },
      }),
    });
    for (const { name, run } of cases) it(name, run);
  });

  describe("as a predictor", () => {
    const subject: PredictorSubject = {
      create: () => create(new World()).load(loadContext({ servables })),
      examples,
      ...(anyShape !== undefined && { skip: { "refuses an input of another shape, by name": anyShape } }),
    };
    for (const { name, run } of predictorContract(subject)) it(name, run);
  });
});
