// The contracts that every loader and every predictor keep, run by Node's own test runner.
import { describe, test } from "node:test";
import { ServingError, tensor } from "@servable/core";
import { leakCheck, loadContext, loaderContract, predictorContract } from "@servable/core/testing";
import { linearModel } from "./linear-model.mjs";

const examples = [
  {
    inputs: {
      x: tensor([
        [1, 2],
        [3, 4],
      ]),
    },
    outputs: {
      y: tensor([
        [2.5, 3],
        [6.5, 7],
      ]),
    },
  },
  { signature: "serving_default", inputs: { x: tensor([[-1, 0]]) }, outputs: { y: tensor([[-1.5, -1]]) } },
];

/** The files of a version in memory, which can be taken away. */
function world() {
  const files = {
    "model.json": JSON.stringify({
      weights: [
        [2, 0],
        [1, 1],
      ],
      bias: [0.5, 0],
    }),
  };
  const leaks = leakCheck();
  const open = async ({ signal, report }) => {
    signal.throwIfAborted();
    report({ stage: "open" });
    return {
      list: async () => Object.entries(files).map(([name, text]) => ({ name, sizeBytes: text.length })),
      async read(name) {
        if (Object.hasOwn(files, name)) return new TextEncoder().encode(files[name]);
        throw new ServingError("NOT_FOUND", `there is no file ${name}`);
      },
      async [Symbol.asyncDispose]() {},
    };
  };
  return { files, leaks, modelFiles: leaks.files({ open }), async [Symbol.asyncDispose]() {} };
}

const contracts = {
  loader: loaderContract({
    world,
    create: ({ modelFiles }) => linearModel(modelFiles),
    check: async (servable) => {
      const { y } = await servable.predict({ x: tensor([[1, 2]]) });
      if (y.data.join() !== "2.5,3") throw new Error(`y is ${y.data.join()}`);
    },
    held: ({ leaks }) => leaks.held.length,
    breakLoads: ({ files }) => {
      files["model.json"] = files["model.json"].slice(0, 10);
    },
    mendLoads: ({ files }) => Object.assign(files, world().files),
  }),
  predictor: predictorContract({ create: () => linearModel(world().modelFiles).load(loadContext()), examples }),
};

for (const [contract, cases] of Object.entries(contracts)) {
  describe(contract, () => {
    for (const { name, run, skipped } of cases) test(name, { skip: skipped ?? false, timeout: 10_000 }, run);
  });
}
