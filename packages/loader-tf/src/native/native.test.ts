import type { Loaded } from "@servable/core";
import { loadContext, loaderContract, predictorContract } from "@servable/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { savedModel } from "../index.js";
import { type FixtureFiles, fixtureFiles } from "../testing/fixture-files.js";
import { goldenCalls, largestError } from "../testing/golden.js";
import { tensorFlowLibrary } from "../testing/tensorflow-library.js";
import type { TfServable } from "../tf-servable.js";

process.env["TF_CPP_MIN_LOG_LEVEL"] = "3";

// Made by `npm test`, which says so where it cannot.
const library = tensorFlowLibrary();
const loader = savedModel({ engine: "native", native: { library: library ?? "" } });

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

const MODELS = [
  "half_plus_two/1",
  "half_plus_two/2",
  "multi/1",
  "mnist/1",
  "mnist/2",
  "mnist_estimator/1",
  "control/1",
  "tf1_control/1",
  "tf1_text/1",
];

/** TensorFlow with oneDNN, its usual build for x86, fails itself when a fused convolution gets an empty batch. */
const answeredByTensorFlow = (model: string) =>
  goldenCalls(model).filter(({ inputs }) => Object.values(inputs).every(({ data }) => data.length > 0));

describe.skipIf(library === undefined)("the native engine", () => {
  describe("loading", () => {
    const cases = loaderContract({
      world: () => new World("multi/1"),
      create: ({ files }) => loader(files),
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

  describe.each(MODELS)("%s", (model) => {
    let loaded: Loaded<TfServable> | undefined;
    beforeAll(async () => {
      loaded = await loader(fixtureFiles(model)).load(loadContext());
    });
    afterAll(() => loaded?.[Symbol.asyncDispose]());
    const cases = predictorContract({
      create: async () => {
        if (loaded === undefined) throw new Error("it is not loaded");
        return { servable: loaded.servable, async [Symbol.asyncDispose]() {} };
      },
      examples: model === "mnist_estimator/1" ? answeredByTensorFlow(model) : goldenCalls(model),
      tolerance: 1e-5,
    });
    for (const { name, run } of cases) it(name, run);
  });

  it("runs what the portable engine refuses", async () => {
    await using loaded = await loader(fixtureFiles("unsupported/1")).load(loadContext());
    for (const { signature, inputs, outputs } of goldenCalls("unsupported/1")) {
      const found = await loaded.servable.predict(inputs, { signature });
      for (const [name, wanted] of Object.entries(outputs))
        expect(largestError(found[name], wanted)).toBeLessThan(1e-5);
    }
  });
});
