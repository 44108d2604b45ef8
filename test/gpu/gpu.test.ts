// Run by `npm run test:gpu` on a machine with a GPU, and by nothing else.
import { join } from "node:path";
import { type AspiredVersions, createManager, loadWith, type ModelFiles, staticSource } from "@servable/core";
import { loadContext } from "@servable/core/testing";
import { type SavedModelOptions, savedModel } from "@servable/loader-tf";
import { folderFiles } from "@servable/source-fs";
import { BehaviorSubject } from "rxjs";
import { describe, expect, it } from "vitest";
import { root } from "../repository/sources.js";
import { tryModel, type ZooModel } from "../system/zoo.js";

const library = process.env["SERVABLE_GPU"] ?? "";
/** All tests are one process, whose first session decides how the GPU's memory is taken. */
const options: SavedModelOptions = { engine: "native", native: { library, gpu: { allowGrowth: true } } };

const mnist: ZooModel = { name: "mnist", standsFor: "", folder: join(root, "fixtures/mnist") };
const resnet: ZooModel = { name: "resnet-50", standsFor: "", folder: join(root, ".cache/zoo/resnet-50") };
/** GPUs multiply float32 with the 10 bits of TF32 by default. */
const TOLERANCE = 1e-2;
/** Weights of ResNet50. */
const RESNET_BYTES = 100e6;

const filesOf = ({ folder }: ZooModel, version = 1): ModelFiles => folderFiles(join(folder, String(version)));

describe("a GPU", () => {
  it.each([mnist, resnet])("gives TensorFlow's outputs for $name", async (model) => {
    const result = await tryModel(model, options);
    expect(result).toMatchObject({ state: "same" });
    if (result.state === "same") expect(result.error).toBeLessThanOrEqual(TOLERANCE);
  });

  it("is listed, and what a model takes of it is estimated, measured, and given back", async () => {
    const loader = savedModel(options)(filesOf(resnet));
    const estimate = await loader.estimateResources?.(loadContext());
    expect(estimate?.devices?.["gpu:0"]).toBeGreaterThan(RESNET_BYTES);
    for (let round = 0; round < 3; round++) {
      await using loaded = await loader.load(loadContext());
      const devices = expect.arrayContaining([expect.objectContaining({ type: "GPU" })]);
      expect(loaded.describe?.()).toMatchObject({ devices });
      const taken = loaded.resources?.devices?.["gpu:0"] ?? 0;
      // A later round would grow by less if an earlier one had left its memory to nobody.
      expect(taken).toBeGreaterThan(0.5 * RESNET_BYTES);
      expect(taken).toBeLessThan(3 * RESNET_BYTES);
    }
  });

  it("serves while a version is swapped for another", async () => {
    const listed = (version: number): AspiredVersions<ModelFiles, "mnist"> => ({
      name: "mnist",
      versions: [{ version, data: filesOf(mnist, version) }],
    });
    const source = new BehaviorSubject(listed(1));
    const manager = createManager({ disk: source.pipe(loadWith(savedModel(options))) });
    await manager.whenAvailable("mnist", { version: 1 });
    source.next(listed(2));
    const images = { dtype: "float32", shape: [1, 28, 28], data: new Float32Array(784) } as const;
    const call = () => manager.use("mnist", (model) => model.predict({ images }));
    const swapped = manager.whenAvailable("mnist", { version: 2 });
    const answers = await Promise.all(Array.from({ length: 50 }, call));
    await swapped;
    answers.push(await call());
    for (const { probabilities } of answers) expect(probabilities?.shape).toEqual([1, 10]);
    await manager.close();
  });

  it("is refused to a model that exceeds its limit, and is kept within it", async () => {
    const loader = savedModel(options);
    const source = staticSource({ small: { 1: filesOf(mnist) }, large: { 1: filesOf(resnet) } });
    const manager = createManager({ disk: source.pipe(loadWith(loader)) }, { limits: { devices: { "gpu:0": 50e6 } } });
    await manager.whenAvailable("small");
    await expect(manager.whenAvailable("large")).rejects.toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      message: expect.stringContaining("gpu:0"),
    });
    await manager.close();
  });
});
