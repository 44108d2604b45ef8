import { createManager, loadWith, staticSource } from "@servable/core";
import { describe, expect, it } from "vitest";
import { savedModelOn } from "../saved-model.js";
import { fixtureFiles } from "../testing/fixture-files.js";
import { tensorFlowLibrary } from "../testing/tensorflow-library.js";
import { configOf } from "./config.js";
import { estimateFor, resourcesOf } from "./device-memory.js";
import { deviceMeter, openMeter } from "./device-meter.js";
import type { Device } from "./devices.js";
import { openLibrary } from "./library.js";

const library = tensorFlowLibrary();

describe.skipIf(library === undefined)("the meter of TensorFlow's devices", () => {
  it("lists them, and asks none that has main memory", async () => {
    const { api } = await openLibrary(library ?? "");
    const meter = await deviceMeter(api, configOf({}));
    expect(meter.devices).toMatchObject([{ type: "CPU", memoryBytes: expect.any(Number) }]);
    expect(await meter.inUse()).toEqual({});
    expect(await deviceMeter(api, configOf({}))).toBe(meter);
  });

  it("makes TensorFlow allocate on a device, each time anew, and finds the allocator in the trace", async () => {
    const { api } = await openLibrary(library ?? "");
    const meter = await openMeter(api, configOf({}), {
      isMetered: () => true,
      read: ({ stepStats }, node) => {
        const stats = stepStats?.devStats.find(({ device }) => device === meter.devices[0]?.name);
        return stats?.nodeStats.find(({ nodeName }) => nodeName === node)?.memory.length;
      },
    });
    for (let time = 0; time < 3; time++) expect(Object.values(await meter.inUse())).toEqual([1]);
  });

  it("says nothing of an allocator that does not tell, as the CPU's", async () => {
    const { api } = await openLibrary(library ?? "");
    const meter = await openMeter(api, configOf({}), { isMetered: () => true });
    expect(await meter.inUse()).toEqual({});
  });
});

describe("limits of devices", () => {
  const gpu: Device = { name: "/device:GPU:0", type: "GPU", memoryBytes: 16e9 };
  const weights = 6_000;
  const list = async () => [{ name: "saved_model.pb", sizeBytes: weights }];

  /** An engine with a GPU, on which each model takes so many bytes. */
  const loader = (took: number) =>
    savedModelOn(
      {
        estimate: (files) => estimateFor([gpu], files),
        open: async () => ({
          signatures: {},
          concurrency: 1,
          resources: resourcesOf({ devices: [gpu], files: [], rssBytes: 1, deviceBytes: { "gpu:0": took } }),
          describe: () => ({}),
          run: async () => ({}),
          close: async () => {},
        }),
      },
      { warmUp: false },
    );
  const files = { ...fixtureFiles("half_plus_two/1"), list };

  const manage = (limit: number, names: readonly string[], took = weights) =>
    createManager(
      {
        disk: staticSource(Object.fromEntries(names.map((name) => [name, { 1: files }]))).pipe(loadWith(loader(took))),
      },
      { limits: { devices: { "gpu:0": limit } }, loadConcurrency: 1 },
    );

  it("refuse what can never fit, by the device's name, before it is loaded", async () => {
    const manager = manage(weights - 1, ["large"]);
    await expect(manager.whenAvailable("large")).rejects.toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      message: expect.stringContaining("gpu:0"),
    });
    await manager.close();
  });

  it("count what was measured after the load against the next model", async () => {
    const manager = manage(3 * weights, ["one", "two"], 2.5 * weights);
    await manager.whenAvailable("one");
    expect(manager.model("one")?.versions[0]?.resources).toEqual({
      memoryBytes: 1,
      devices: { "gpu:0": 2.5 * weights },
    });
    expect(manager.explain("two")).toContain("needs 6.0 kB of gpu:0, 3.0 kB of 18.0 kB are free");
    await manager.close();
  });
});
