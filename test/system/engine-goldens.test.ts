import type { Loaded } from "@servable/core";
import { loadContext, loaderContract, predictorContract } from "@servable/core/testing";
import { savedModel, type TfServable } from "@servable/loader-tf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixtureFiles } from "../../packages/loader-tf/src/testing/fixture-files.js";
import { goldenCalls, largestError } from "../../packages/loader-tf/src/testing/golden.js";
import { engines } from "./engines.js";
import { tryModel, zooModels } from "./zoo.js";

/** How far a float may be off, for the largest value of its tensor. */
const TOLERANCE = 2e-4;

// oneDNN gives a convolution of no images the wrong shape.
process.env["TF_ENABLE_ONEDNN_OPTS"] = "0";

const models = zooModels();

/**
 * Keras models by tf.saved_model.save: their restore graph leaves the weights out, so that no session of TensorFlow's has
 * them. The portable engine finds them by the model's objects.
 */
const WITHOUT_WEIGHTS: readonly string[] = ["saved-keras"];

describe.each(engines)("$title", ({ options, missing, refuses }) => {
  if (missing) return it.skip("is not there", () => {});

  describe.each(["half_plus_two/1", "multi/1", "mnist/1", "mnist_estimator/1"])("%s", (model) => {
    let loaded: Loaded<TfServable> | undefined;
    beforeAll(async () => {
      loaded = await savedModel(options)(fixtureFiles(model)).load(loadContext());
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

  describe("loading", () => {
    const cases = loaderContract({
      world: () => new World(),
      create: ({ files }) => savedModel(options)(files),
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

  // Made by `npm test`, which says so where it cannot.
  it.each(models.map((model) => [model.name, model] as const))(
    "gives TensorFlow's outputs for %s, or says what it lacks",
    async (_, model) => {
      if (WITHOUT_WEIGHTS.includes(model.name)) {
        await expect(tryModel(model, options)).rejects.toThrow("Could not find variable");
        return;
      }
      const result = await tryModel(model, options);
      const refusal = refuses[model.name];
      if (refusal !== undefined) {
        expect(result).toEqual({ state: "refused", message: expect.stringMatching(refusal) });
        return;
      }
      expect(result).toMatchObject({ state: "same" });
      if (result.state === "same") expect(result.error).toBeLessThanOrEqual(TOLERANCE);
    },
  );
});

/** The files of a model, which can be spoilt. */
class World implements AsyncDisposable {
  readonly files = fixtureFiles("multi/1", (_, bytes) => (this.broken ? bytes.slice(0, 10) : undefined));
  broken = false;

  get held(): number {
    return this.files.opened - this.files.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
