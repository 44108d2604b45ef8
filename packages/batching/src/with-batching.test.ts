import { createManager, type Loader, mapData, type Predictor } from "@servable/core";
import { loadContext, loaderContract } from "@servable/core/testing";
import { of } from "rxjs";
import { describe, expect, it } from "vitest";
import {
  answerTo,
  type GatedPredictor,
  gatedPredictor,
  rowsFrom,
  SIGNATURES,
  turn,
} from "./testing/gated-predictor.js";
import { withBatching } from "./with-batching.js";

/** Loads predictors and counts those that are held. */
class World {
  held = 0;
  broken = false;
  readonly model: GatedPredictor;

  constructor(signatures = SIGNATURES, open = false) {
    this.model = gatedPredictor({ signatures, open });
  }

  get loader(): Loader<Predictor> {
    return {
      dependencies: [{ name: "part" }],
      estimateResources: () => ({ memoryBytes: 7 }),
      load: async ({ signal }) => {
        signal.throwIfAborted();
        if (this.broken) throw new Error("broken");
        this.held++;
        return {
          servable: this.model,
          resources: { memoryBytes: 5 },
          describe: () => ({ engine: "fake" }),
          [Symbol.asyncDispose]: async () => void this.held--,
        };
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

describe("a loader with batching", () => {
  const cases = loaderContract({
    world: () => new World(SIGNATURES, true),
    create: ({ loader }) => withBatching()(loader),
    check: async (servable) => {
      const found = await servable.predict(rowsFrom(1));
      if (found["y"]?.data[0] !== answerTo(rowsFrom(1))["y"]?.data[0]) throw new Error("a wrong answer");
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

  it("keeps what the loader says of itself, and tells what batching does", async () => {
    const world = new World(SIGNATURES, true);
    const loader = withBatching()(world.loader);
    expect(loader.dependencies).toEqual([{ name: "part" }]);
    expect(await loader.estimateResources?.(loadContext())).toEqual({ memoryBytes: 7 });
    const loaded = await loader.load(loadContext());
    await loaded.servable.predict(rowsFrom(1));
    await turn();
    expect(loaded.resources).toEqual({ memoryBytes: 5 });
    expect(loaded.describe?.()).toMatchObject({ engine: "fake", batching: { calls: 1, runs: 1 } });
  });

  it("gives back what it has loaded if that has no batch dimension", async () => {
    const { whole } = SIGNATURES;
    const world = new World(whole === undefined ? {} : { whole });
    await expect(withBatching()(world.loader).load(loadContext())).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringContaining("m/1: no signature declares a batch dimension"),
    });
    expect(world.held).toBe(0);
  });

  it("drains the queue of a version before the manager unloads it", async () => {
    const world = new World();
    const versions = [{ version: 1, data: { ...world.loader, dependencies: [] } }];
    const manager = createManager({ m: of({ name: "m", versions } as const).pipe(mapData(withBatching())) });
    await manager.whenAvailable("m");
    // The handle is given back before the calls are answered.
    const answers = await manager.use("m", (model) => [model.predict(rowsFrom(1)), model.predict(rowsFrom(5))]);
    const closed = manager.close();
    await turn();
    expect([world.held, world.model.pending.length]).toEqual([1, 1]);
    await world.model.pending[0]?.succeed();
    expect(world.held).toBe(1);
    await world.model.pending[0]?.succeed();
    await closed;
    expect(world.held).toBe(0);
    expect(await Promise.all(answers)).toEqual([answerTo(rowsFrom(1)), answerTo(rowsFrom(5))]);
  });
});
