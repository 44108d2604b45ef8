import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Loaded, type ModelFiles, makeTensor, tensor } from "@servable/core";
import { loadContext } from "@servable/core/testing";
import { WARM_UP_FILE, warmUpFile } from "@servable/saved-model";
import { describe, expect, it } from "vitest";
import { memoryFiles, type SavedModelOptions, savedModel } from "../index.js";
import { fixtureFiles } from "../testing/fixture-files.js";
import { fixtures } from "../testing/golden.js";
import type { TfServable } from "../tf-servable.js";

const recorded = new Uint8Array(readFileSync(join(fixtures, "tf1_text/tf_serving_warmup_requests")));

/** A fixture's files, and a warm-up file beside them. */
async function withWarmUp(model: string, file?: Uint8Array): Promise<ModelFiles> {
  await using open = await fixtureFiles(model).open(loadContext());
  const entries = (await open.list()).map(async ({ name }) => [name, await open.read(name)] as const);
  const contents = Object.fromEntries(await Promise.all(entries));
  return memoryFiles({ ...contents, ...(file !== undefined && { [WARM_UP_FILE]: file }) });
}

async function load(files: ModelFiles, options: SavedModelOptions = {}): Promise<Loaded<TfServable>> {
  return savedModel({ threads: 0, ...options })(files).load(loadContext());
}

async function factsOf(files: ModelFiles, options: SavedModelOptions = {}): Promise<unknown> {
  await using loaded = await load(files, options);
  return loaded.describe?.()["warmUp"];
}

const halfCalls = (x: number[], signature = "") =>
  warmUpFile("any", [{ signature, inputs: { x: tensor(x) }, outputs: [] }]);

describe("a SavedModel's warm-up", () => {
  it.each([0, 2])("replays predict, classify, regress and multi-inference logs (threads: %i)", async (threads) => {
    const stages: string[] = [];
    const report = ({ stage }: { stage: string }): void => void stages.push(stage);
    const files = await withWarmUp("tf1_text/1", recorded);
    await using loaded = await savedModel({ threads })(files).load(loadContext({ report }));
    expect(loaded.describe?.()).toMatchObject({
      engine: "portable",
      warmUp: { recorded: 5, madeUp: 0, refused: [] },
    });
    expect(stages.at(-1)).toBe("warm up");
    expect(Object.keys(await loaded.servable.predict({ examples: [""] }))).toEqual(["ids", "scores"]);
  });

  it("is left out where there is no file, an empty one, or it is switched off", async () => {
    expect(await factsOf(fixtureFiles("half_plus_two/1"))).toBeUndefined();
    expect(await factsOf(await withWarmUp("half_plus_two/1", new Uint8Array(0)))).toBeUndefined();
    const damaged = await withWarmUp("half_plus_two/1", Uint8Array.of(1, 2, 3));
    expect(await factsOf(damaged, { warmUp: false })).toBeUndefined();
  });

  it.each<[string, Uint8Array, string, string]>([
    ["is no TFRecord file", Uint8Array.of(1, 2, 3), "DATA_LOSS", WARM_UP_FILE],
    ["means another signature", halfCalls([1], "nope"), "INVALID_ARGUMENT", "warm-up call 0, signature nope"],
    [
      "has an input of another dtype",
      warmUpFile("m", [{ signature: "", inputs: { x: makeTensor("int32", [1], Int32Array.of(1)) }, outputs: [] }]),
      "INVALID_ARGUMENT",
      "needs dtype float32, got int32",
    ],
    ["has no input", warmUpFile("m", [{ signature: "", inputs: {}, outputs: [] }]), "INVALID_ARGUMENT", "is missing"],
  ])("fails the load, and releases all, when the file %s", async (_case, file, code, message) => {
    const files = await withWarmUp("half_plus_two/1", file);
    let open = 0;
    const counted: ModelFiles = {
      async open(context) {
        const opened = await files.open(context);
        open++;
        let closed = false;
        return {
          ...opened,
          async [Symbol.asyncDispose]() {
            if (!closed) open--;
            closed = true;
          },
        };
      },
    };
    const error: unknown = await load(counted).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, message: expect.stringMatching(/^m\/1: /) as string });
    expect((error as Error).message).toContain(message);
    expect(open).toBe(0);
  });

  it("calls every signature for batch sizes, and notes what a model refuses", async () => {
    const warmUp = { batchSizes: [1, 8] };
    expect(await factsOf(fixtureFiles("multi/1"), { warmUp })).toMatchObject({ recorded: 0, refused: [] });
    expect(await factsOf(await withWarmUp("half_plus_two/1", halfCalls([1, 2])), { warmUp })).toMatchObject({
      recorded: 1,
      madeUp: 2,
      refused: [],
    });
  });

  it.each<[SavedModelOptions["warmUp"], string]>([
    [{ numRequestIterations: 0 }, "warmUp.numRequestIterations takes positive integers, got 0"],
    [{ batchSizes: [1, 1.5] }, "warmUp.batchSizes takes positive integers, got 1.5"],
  ])("refuses %o at once", (warmUp, message) => {
    expect(() => savedModel({ warmUp: warmUp ?? true })).toThrow(message);
  });
});
