import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Loaded } from "@servable/core";
import { loadContext, loaderContract, modelFilesContract, predictorContract } from "@servable/core/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import { savedModel } from "./index.js";
import { type FixtureFiles, fixtureFiles } from "./testing/fixture-files.js";
import { fixtures, goldenCalls, largestError } from "./testing/golden.js";
import type { TfServable } from "./tf-servable.js";

/** The files of a model, which can be spoilt. */
class World implements AsyncDisposable {
  readonly files: FixtureFiles;
  broken = false;

  constructor(model: string) {
    this.files = fixtureFiles(model, (_, bytes) => (this.broken ? bytes.slice(0, 10) : undefined));
  }

  get held(): number {
    return this.files.opened - this.files.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const FILES = [
  "saved_model.pb",
  "fingerprint.pb",
  "variables/variables.index",
  "variables/variables.data-00000-of-00001",
];

describe("the files of a fixture", () => {
  const bytesOf = async (name: string): Promise<readonly [string, Uint8Array]> => [
    name,
    new Uint8Array(await readFile(join(fixtures, "multi/1", name))),
  ];
  const cases = modelFilesContract({
    world: () => new World("multi/1"),
    create: ({ files }) => files,
    contents: async () => Object.fromEntries(await Promise.all(FILES.map(bytesOf))),
    leases: ({ held }) => held,
  });
  for (const { name, run } of cases) it(name, run);
});

const WHERE = [
  ["on this thread", 0],
  ["in a worker thread", 1],
  ["in two worker threads", 2],
] as const;

// A second thread loads as the first does.
describe.each(WHERE.slice(0, 2))("loading %s", (_, threads) => {
  const cases = loaderContract({
    world: () => new World("multi/1"),
    create: ({ files }) => savedModel({ threads })(files),
    check: async (servable: TfServable) => {
      const [call] = goldenCalls("multi/1");
      const found = call && (await servable.predict(call.inputs));
      if (call?.outputs["sum"] === undefined || largestError(found?.["sum"], call.outputs["sum"]) > 0)
        throw new Error("it gives a wrong sum");
    },
    held: ({ held }) => held,
    breakLoads: (world) => {
      world.broken = true;
    },
    mendLoads: (world) => {
      world.broken = false;
    },
  });
  for (const { name, run } of cases) it(name, run);
});

describe.each(WHERE)("a model %s", (_, threads) => {
  describe.each(["half_plus_two/1", "multi/1", "mnist/1", "mnist_estimator/1"])("%s", (model) => {
    let loaded: Loaded<TfServable> | undefined;
    beforeAll(async () => {
      loaded = await savedModel({ threads })(fixtureFiles(model)).load(loadContext());
    });
    afterAll(() => loaded?.[Symbol.asyncDispose]());
    const cases = predictorContract({
      create: async () => {
        if (loaded === undefined) throw new Error("it is not loaded");
        return { servable: loaded.servable, async [Symbol.asyncDispose]() {} };
      },
      examples: goldenCalls(model),
      tolerance: 1e-5,
    });
    for (const { name, run } of cases) it(name, run);
  });
});
