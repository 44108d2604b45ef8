import { createManager, type Loaded, loadWith, staticSource } from "@servable/core";
import { loadContext } from "@servable/core/testing";
import { describe, expect, it } from "vitest";
import { type PortableOptions, portableEngine } from "./engine/portable-engine.js";
import type { PortableOrder, ProgramFacts } from "./engine/portable-host.js";
import { startWorker } from "./engine/worker/node-worker.js";
import type { WorkerThread } from "./engine/worker/worker-thread.js";
import { PORTABLE_WORKER } from "./engine/worker/worker-url.js";
import { memoryFiles, savedModel } from "./index.js";
import { type SavedModelLoader, savedModelOn } from "./saved-model.js";
import { fixtureFiles } from "./testing/fixture-files.js";
import { goldenCalls } from "./testing/golden.js";
import type { TfServable } from "./tf-servable.js";

/** Its weights, and those of them that are float32 again. */
const MNIST_BYTES = 226_880 + 226_856;

type PortableThread = WorkerThread<PortableOrder, ProgramFacts>;

interface Stage {
  readonly loader: SavedModelLoader;
  /** Real threads, of which the test may take one away. */
  readonly threads: PortableThread[];
  ended: number;
}

function stage(options: PortableOptions): Stage {
  const threads: PortableThread[] = [];
  const start = (): PortableThread => {
    const thread: PortableThread = startWorker(PORTABLE_WORKER);
    threads.push(thread);
    thread.onEnd(() => void made.ended++);
    return thread;
  };
  const engine = portableEngine({ cores: () => 2, startWorker: start }, options);
  const made: Stage = { loader: savedModelOn(engine, {}), threads, ended: 0 };
  return made;
}

const load = (loader: SavedModelLoader, name: string): Promise<Loaded<TfServable>> =>
  loader(fixtureFiles(`${name}/1`)).load(loadContext({ id: { name, version: 1 } }));

async function answers(name: string, { servable }: Loaded<TfServable>): Promise<void> {
  for (const { inputs, signature, outputs } of goldenCalls(`${name}/1`)) {
    const found = await servable.predict(inputs, { signature });
    expect(Object.keys(found).sort()).toEqual(Object.keys(outputs).sort());
  }
}

describe("models of one savedModel()", () => {
  it("share their threads, which end with the last of them", async () => {
    const { loader, threads, ...made } = stage({ threads: 2 });
    expect(made.ended).toBe(0);
    const names = ["half_plus_two", "mnist", "multi"];
    const loaded = await Promise.all(names.map((name) => load(loader, name)));
    expect(threads).toHaveLength(2);
    await Promise.all(names.map((name, at) => answers(name, loaded[at] as Loaded<TfServable>)));
    const [first, second, third] = loaded;
    await first?.[Symbol.asyncDispose]();
    await Promise.all([second && answers("mnist", second), third && answers("multi", third)]);
    await second?.[Symbol.asyncDispose]();
    await third?.[Symbol.asyncDispose]();
    const again = await load(loader, "half_plus_two");
    expect(threads).toHaveLength(4);
    await again[Symbol.asyncDispose]();
  });

  it("serve on while another is loaded and unloaded", async () => {
    const { loader } = stage({ threads: 2 });
    await using serving = await load(loader, "half_plus_two");
    let calls = 0;
    const over = new AbortController();
    const calling = (async () => {
      while (!over.signal.aborted) {
        expect(await serving.servable.predict({ x: [calls] })).toMatchObject({
          y: { data: Float32Array.of(calls / 2 + 2) },
        });
        calls++;
      }
    })();
    for (let round = 0; round < 3; round++) await (await load(loader, "mnist"))[Symbol.asyncDispose]();
    over.abort();
    await calling;
    expect(calls).toBeGreaterThan(10);
  });

  it("come back after a thread has died under them, and the calls that it had say which version it was", async () => {
    const made = stage({ threads: 1 });
    await using model = await load(made.loader, "mnist");
    await using other = await load(made.loader, "half_plus_two");
    const images = new Float32Array(28 * 28 * 64);
    const lost = Array.from({ length: 2 }, () => model.servable.predict({ images }));
    const settled = Promise.allSettled(lost);
    await made.threads[0]?.terminate();
    for (const result of await settled) {
      const message = expect.stringMatching(/^mnist\/1: its worker thread died: .*; try again$/) as string;
      expect(result).toMatchObject({ reason: { code: "NOT_AVAILABLE", retryable: true, message } });
    }
    await answers("mnist", model);
    await answers("half_plus_two", other);
    expect([made.threads.length, made.ended]).toEqual([2, 1]);
  });
});

it.each([0, 1])("a call that takes longer than timeoutMs fails (threads: %i)", async (threads) => {
  await using model = await load(savedModel({ threads, timeoutMs: 0.001 }), "mnist");
  const images = new Float32Array(28 * 28 * 512);
  await expect(model.servable.predict({ images })).rejects.toMatchObject({
    code: "DEADLINE_EXCEEDED",
    message: expect.stringMatching(/^mnist\/1: .*0\.001 ms.*timeoutMs/) as string,
  });
});

describe("the estimate before a load", () => {
  const contents = {
    "saved_model.pb": new Uint8Array(1_000),
    "variables/variables.index": new Uint8Array(50),
    "variables/variables.data-00000-of-00002": new Uint8Array(2_000),
    "variables/variables.data-00001-of-00002": new Uint8Array(3_000),
    "assets/vocabulary.txt": new Uint8Array(7_000),
  };

  it.each([
    [0, 2 * 6_000],
    [1, 2 * 6_000 + 45e6],
    [3, 3 * (2 * 6_000 + 45e6)],
  ])("counts each copy of the weights twice, and each thread that must be started (threads: %i)", async (n, bytes) => {
    const loader = savedModel({ threads: n })(memoryFiles(contents));
    expect(await loader.estimateResources?.(loadContext())).toEqual({ memoryBytes: bytes });
  });

  it("takes sizes without opening the files where these know them", async () => {
    const files = { ...fixtureFiles("mnist/1"), list: async () => [{ name: "saved_model.pb", sizeBytes: 10 }] };
    expect(await savedModel({ threads: 0 })(files).estimateResources?.(loadContext())).toEqual({ memoryBytes: 20 });
    expect(files.opened).toBe(0);
  });

  it("is at least what the model takes in the end; threads are counted with the model that starts them", async () => {
    const loader = savedModel({ threads: 1 });
    const files = fixtureFiles("mnist/1");
    const first = await loader(files).estimateResources?.(loadContext());
    await using one = await loader(files).load(loadContext());
    const second = await loader(files).estimateResources?.(loadContext());
    await using two = await loader(files).load(loadContext());
    expect(one.resources?.memoryBytes).toBe(45e6 + MNIST_BYTES);
    expect(two.resources?.memoryBytes).toBe(MNIST_BYTES);
    expect(first?.memoryBytes).toBeGreaterThanOrEqual(one.resources?.memoryBytes ?? 0);
    expect(second?.memoryBytes).toBeGreaterThanOrEqual(two.resources?.memoryBytes ?? 0);
  });

  it("lets a manager refuse what can never fit, before anything is loaded", async () => {
    const source = staticSource({ mnist: { 1: fixtureFiles("mnist/1") } }).pipe(loadWith(savedModel({ threads: 1 })));
    const manager = createManager({ disk: source }, { limits: { memoryBytes: 1_000_000 } });
    await expect(manager.whenAvailable("mnist")).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
    await manager.close();
  });
});
