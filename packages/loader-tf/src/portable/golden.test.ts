import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { fixtures, goldenCalls, largestError } from "../testing/golden.js";
import { compile } from "./compile.js";
import { type OptimizeOptions, PASSES } from "./optimize/passes.js";
import type { Device } from "./run/device.js";
import { Session } from "./run/session.js";
import { wasmDevice } from "./run/wasm-device.js";

let device: Device;
beforeAll(async () => {
  device = await wasmDevice();
});

async function sessionOf(model: string, optimize: OptimizeOptions): Promise<Session> {
  const read = async (name: string, range?: { start: number; end: number }): Promise<Uint8Array> => {
    const bytes = new Uint8Array(await readFile(`${fixtures}/${model}/${name}`));
    return range === undefined ? bytes : bytes.slice(range.start, range.end);
  };
  return new Session(await compile({ read, tags: ["serve"], optimize, device, report: () => {} }), device);
}

const MODELS = [
  "mnist/1",
  "mnist/2",
  "mnist_estimator/1",
  "half_plus_two/1",
  "half_plus_two/2",
  "multi/1",
  "control/1",
  "tf1_control/1",
  "tf1_text/1",
];
const OPTIMIZE: readonly (readonly [string, OptimizeOptions])[] = [
  ["optimized", {}],
  ["not fused", { fusion: false }],
  ["as it is", Object.fromEntries(PASSES.map(({ name }) => [name, false]))],
];

describe.each(MODELS)("%s gives TensorFlow's outputs", (model) => {
  it.each(OPTIMIZE)("%s", async (_title, optimize) => {
    const before = device.tensorCount;
    const session = await sessionOf(model, optimize);
    const calls = goldenCalls(model);
    expect(calls.length).toBeGreaterThan(0);
    for (const { name, signature, inputs, outputs } of calls) {
      const found = session.run({ signature, inputs, outputs: Object.keys(outputs) });
      expect(Object.keys(found).sort(), name).toEqual(Object.keys(outputs).sort());
      for (const [output, wanted] of Object.entries(outputs)) {
        // Relative above 1, so that a sum of thousands is not held to the last bit of float32.
        if (wanted.dtype === "string") {
          expect(found[output], `${name}: ${output}`).toEqual(wanted);
          continue;
        }
        const scale = Math.max(
          1,
          ...Array.from(wanted.data as ArrayLike<number>, (value) => Math.abs(Number(value as number | bigint))),
        );
        expect(largestError(found[output], wanted) / scale, `${name}: ${output}`).toBeLessThanOrEqual(1e-5);
      }
    }
    session.close();
    expect(device.tensorCount).toBe(before);
  });
});
