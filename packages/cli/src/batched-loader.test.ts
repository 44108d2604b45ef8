import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Loaded, Loader, ModelFiles, Predictor } from "@servable/core";
import { loadContext } from "@servable/core/testing";
import { memoryFiles } from "@servable/loader-tf";
import { expect, it } from "vitest";
import { type BatchingChoice, batchedLoader } from "./batched-loader.js";

const shape = [-1];
const echo: Predictor = {
  signatures: {
    serving_default: {
      inputs: { x: { dtype: "float32", shape } },
      outputs: { x: { dtype: "float32", shape } },
      methodName: "",
    },
  },
  predict: async (inputs) => ({ ...inputs }),
};

const loader: Loader<Predictor> = {
  load: async () => ({ servable: echo, describe: () => ({ engine: "fake" }), async [Symbol.asyncDispose]() {} }),
};

async function load(choice: BatchingChoice, files: ModelFiles = memoryFiles({})): Promise<Loaded<Predictor>> {
  return (await batchedLoader(() => loader, choice))(files).load(loadContext());
}

it("leaves models as they are where batching is off", async () => {
  expect((await load({ kind: "off" })).servable).toBe(echo);
});

it("batches every model by our defaults, or by the file that is named", async () => {
  const folder = await mkdtemp(join(tmpdir(), "servable-"));
  try {
    const file = join(folder, "batching.txt");
    await writeFile(file, "max_batch_size { value: 3 } num_batch_threads { value: 2 }");
    expect((await load({ kind: "on", file: undefined, perModel: false })).servable.concurrency).toBe(1_000);
    expect((await load({ kind: "on", file, perModel: false })).servable.concurrency).toBe(6);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it("names a file that cannot be read", async () => {
  const choice = { kind: "on", file: "/nowhere/b.txt", perModel: false } as const;
  await expect(load(choice)).rejects.toThrow("--batching_parameters_file=/nowhere/b.txt cannot be read (ENOENT)");
});

it("takes parameters per model out of a version's own files, and leaves a version without them as it is", async () => {
  const choice = { kind: "on", file: undefined, perModel: true } as const;
  const own = (text: string): ModelFiles => memoryFiles({ "batching_params.pbtxt": new TextEncoder().encode(text) });
  expect((await load(choice)).servable).toBe(echo);
  expect((await load(choice, own("max_batch_size { value: 7 }"))).servable.concurrency).toBe(7);
  await expect(load(choice, own("max_batch_size { value: 0 }"))).rejects.toMatchObject({
    code: "FAILED_PRECONDITION",
    message: expect.stringContaining("m/1: batching_params.pbtxt: max_batch_size"),
  });
});
