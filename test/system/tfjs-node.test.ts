import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Loaded } from "@servable/core";
import { loadContext } from "@servable/core/testing";
import { type SavedModelOptions, savedModel, type TfServable } from "@servable/loader-tf";
import { folderFiles } from "@servable/source-fs";
import { describe, expect, it } from "vitest";
import type { LimitOptions } from "../../packages/loader-tf/src/engine/limits.js";
import { startWorker } from "../../packages/loader-tf/src/engine/worker/node-worker.js";
import type { WorkerThread } from "../../packages/loader-tf/src/engine/worker/worker-thread.js";
import { TFJS_NODE_WORKER } from "../../packages/loader-tf/src/engine/worker/worker-url.js";
import { savedModelOn } from "../../packages/loader-tf/src/saved-model.js";
import { fixtureFiles } from "../../packages/loader-tf/src/testing/fixture-files.js";
import type { AddonFacts, AddonOrder } from "../../packages/loader-tf/src/tfjs-node/addon-session.js";
import { tfjsNodeEngine } from "../../packages/loader-tf/src/tfjs-node/tfjs-node-engine.js";
import { root } from "../repository/sources.js";
import { tfjsNode } from "./engines.js";

type AddonThread = WorkerThread<AddonOrder, AddonFacts>;

interface Stage {
  readonly loaded: Loaded<TfServable>;
  /** Real threads, of which the test may take one away. */
  readonly threads: AddonThread[];
}

async function stage(model: string, limits: LimitOptions = {}): Promise<Stage> {
  const threads: AddonThread[] = [];
  const engine = tfjsNodeEngine({ package: tfjsNode ?? "" }, limits, () => {
    const thread: AddonThread = startWorker(TFJS_NODE_WORKER);
    threads.push(thread);
    return thread;
  });
  return { loaded: await savedModelOn(engine, {})(fixtureFiles(model)).load(loadContext()), threads };
}

function steps({ servable }: Loaded<TfServable>, n: number, signal?: AbortSignal): Promise<unknown> {
  return servable.predict({ x: [[0, 0]], n }, { signature: "loop", ...(signal && { signal }) });
}

/** The codes that calls ended with; "ok" for an answer. */
async function codesOf(calls: readonly Promise<unknown>[]): Promise<unknown[]> {
  const ends = await Promise.allSettled(calls);
  return ends.map((end) => (end.status === "fulfilled" ? "ok" : (end.reason as { code?: unknown }).code));
}

/** Steps that take TensorFlow longer than what a test does meanwhile. */
const MANY = 20_000;

describe.skipIf(tfjsNode === undefined)("the engine tfjs-node in a worker thread", () => {
  it("fails the calls of a thread that dies, by name and so that they can be tried again, and has another", async () => {
    const { loaded, threads } = await stage("control/1");
    await using _ = loaded;
    const lost = Promise.allSettled([steps(loaded, MANY), steps(loaded, MANY)]);
    await threads[0]?.terminate();
    for (const result of await lost) {
      const message = expect.stringMatching(/^m\/1: its worker thread died: .*; try again$/) as string;
      expect(result).toMatchObject({ reason: { code: "NOT_AVAILABLE", retryable: true, message } });
    }
    expect(await codesOf([steps(loaded, 1)])).toEqual(["ok"]);
    expect(threads).toHaveLength(2);
  });

  it("lets go of calls that abort, running or waiting, and answers the others", async () => {
    const { loaded, threads } = await stage("control/1");
    await using _ = loaded;
    const abort = new AbortController();
    const aborted = [1, 2, 3].map(() => steps(loaded, MANY, abort.signal));
    const kept = steps(loaded, 1);
    abort.abort();
    expect(await codesOf(aborted)).toEqual(["CANCELLED", "CANCELLED", "CANCELLED"]);
    expect(await codesOf([kept, steps(loaded, 1)])).toEqual(["ok", "ok"]);
    expect(threads.length).toBeGreaterThanOrEqual(1);
  });

  it("fails a call that takes longer than timeoutMs", async () => {
    const { loaded } = await stage("control/1", { timeoutMs: 0.001 });
    await using _ = loaded;
    await expect(steps(loaded, MANY)).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
      message: expect.stringMatching(/^m\/1: .*0\.001 ms.*timeoutMs/),
    });
  });

  it("refuses a call when too many wait", async () => {
    const { loaded } = await stage("control/1", { maxQueuedCalls: 1 });
    await using _ = loaded;
    const calls = [1, 2, 3, 4, 5].map(() => steps(loaded, 1));
    // Two are with the thread, one waits.
    expect(await codesOf(calls)).toEqual(["ok", "ok", "ok", "RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED"]);
  });
});

describe.skipIf(tfjsNode === undefined).each([0, 1])("the engine tfjs-node with threads: %i", (threads) => {
  const options: SavedModelOptions = { engine: "tfjs-node", tfjsNode: { threads, package: tfjsNode ?? "" } };

  it("says on which threads it runs, refuses calls that were aborted before, and those after the unload", async () => {
    const loaded = await savedModel(options)(fixtureFiles("control/1")).load(loadContext());
    expect(loaded.describe?.()).toMatchObject({ engine: "tfjs-node", threads });
    expect(await codesOf([steps(loaded, 1, AbortSignal.abort()), steps(loaded, 1)])).toEqual(["CANCELLED", "ok"]);
    await loaded[Symbol.asyncDispose]();
    expect(await codesOf([steps(loaded, 1)])).toEqual(["CANCELLED"]);
  });

  it("answers with the new bytes where a version is replaced in place, beside the old one and after it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "servable-tfjs-node-"));
    const loader = savedModel(options);
    const images = { dtype: "float32", shape: [1, 28, 28], data: new Float32Array(784).fill(0.5) } as const;
    const put = async (version: number): Promise<void> => {
      await rm(folder, { recursive: true });
      await cp(join(root, "fixtures/mnist", String(version)), folder, { recursive: true });
    };
    const answer = async ({ servable }: Loaded<TfServable>): Promise<number[]> =>
      Array.from((await servable.predict({ images }))["probabilities"]?.data as Float32Array);
    try {
      await put(1);
      const first = await loader(folderFiles(folder)).load(loadContext());
      const before = await answer(first);
      await put(2);
      const beside = await loader(folderFiles(folder)).load(loadContext());
      const after = await answer(beside);
      expect(after).not.toEqual(before);
      expect(await answer(first)).toEqual(before);
      await first[Symbol.asyncDispose]();
      expect(await answer(beside)).toEqual(after);
      await beside[Symbol.asyncDispose]();
      await put(1);
      await using again = await loader(folderFiles(folder)).load(loadContext());
      expect(await answer(again)).toEqual(before);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
