import type { FileEntry } from "@servable/core";
import type { RunMetadata } from "@servable/tf-proto";
import { describe, expect, it } from "vitest";
import { bytesInUse, estimateFor, growthOf, resourceOf, resourcesOf } from "./device-memory.js";
import type { Device } from "./devices.js";

const device = (type: string, index: number, memoryBytes = 16e9): Device => ({
  name: `/job:localhost/replica:0/task:0/device:${type}:${index}`,
  type,
  memoryBytes,
});
const cpu = device("CPU", 0, 268_435_456);
const gpus = [device("GPU", 0), device("GPU", 1)];

const files: readonly FileEntry[] = [
  { name: "saved_model.pb", sizeBytes: 1_000 },
  { name: "variables/variables.index", sizeBytes: 50 },
  { name: "variables/variables.data-00000-of-00001", sizeBytes: 5_000 },
];

describe("the memory of devices", () => {
  it("has the manager's names; that of the CPU is main memory", () => {
    expect([cpu, ...gpus, device("TPU", 12)].map(resourceOf)).toEqual([undefined, "gpu:0", "gpu:1", "tpu:12"]);
    expect(resourceOf({ name: "odd", type: "GPU", memoryBytes: 1 })).toBeUndefined();
  });

  it.each([
    [[cpu], { memoryBytes: 12_000 }],
    [[cpu, ...gpus], { memoryBytes: 12_000, devices: { "gpu:0": 6_000 } }],
    [[cpu, device("GPU", 3)], { memoryBytes: 12_000, devices: { "gpu:3": 6_000 } }],
  ])("is estimated on the first of them, before the load", (devices, wanted) => {
    expect(estimateFor(devices, files)).toEqual(wanted);
  });

  it.each([
    ["main memory alone", [cpu], {}, { memoryBytes: 9_000 }],
    ["what every device grew by", [cpu, ...gpus], { "gpu:0": 0, "gpu:1": 7_000 }, { "gpu:0": 0, "gpu:1": 7_000 }],
    ["the estimate where a device does not tell", [cpu, ...gpus], {}, { "gpu:0": 6_000 }],
  ])("counts after the load: %s", (_, devices, deviceBytes, wanted) => {
    const found = resourcesOf({ devices, files, rssBytes: 9_000, deviceBytes });
    expect(found).toEqual(devices.length === 1 ? wanted : { memoryBytes: 9_000, devices: wanted });
  });

  it("counts weights that are not resident yet", () => {
    expect(resourcesOf({ devices: [cpu], files, rssBytes: 10, deviceBytes: {} })).toEqual({ memoryBytes: 6_000 });
  });

  it("grows by what was there before; never by less than nothing, and not where it was not told", () => {
    const before = { "gpu:0": 100, "gpu:1": 900 };
    expect(growthOf(before, { "gpu:0": 350, "gpu:1": 800, "gpu:2": 5 })).toEqual({ "gpu:0": 250, "gpu:1": 0 });
    expect(growthOf(before, {})).toEqual({});
  });

  it("is read from the trace of the node that was asked about", () => {
    const node = (nodeName: string, bytes: readonly bigint[]) => ({
      nodeName,
      memory: bytes.map((allocatorBytesInUse) => ({ allocatorName: "GPU_0_bfc", allocatorBytesInUse })),
    });
    const trace: RunMetadata = {
      stepStats: {
        devStats: [
          { device: cpu.name, nodeStats: [node("other/fill", [9n])] },
          { device: gpus[0]?.name ?? "", nodeStats: [node("a/x", [8n]), node("a/fill", [0n, 5_000_000_000n])] },
        ],
      },
    };
    expect(bytesInUse(trace, "a/fill")).toBe(5e9);
    expect(bytesInUse(trace, "b/fill")).toBeUndefined();
    expect(bytesInUse({ stepStats: undefined }, "a/fill")).toBeUndefined();
  });
});
