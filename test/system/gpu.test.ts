import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../repository/sources.js";
import { library } from "./engines.js";
import { run } from "./run.js";

it.skipIf(library === undefined)("npm run test:gpu fails where no GPU is visible, and says why", async () => {
  const env = { SERVABLE_LIBTENSORFLOW: library, CUDA_VISIBLE_DEVICES: "-1" };
  const { status, output } = await run(process.execPath, [join(root, "scripts/gpu.mjs")], root, env);
  expect(status, output).toBe(1);
  expect(output).toMatch(/test:gpu: TensorFlow 2\..* finds no GPU, but .*device:CPU:0/);
});
