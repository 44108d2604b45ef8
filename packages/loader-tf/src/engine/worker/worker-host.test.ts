import { loadContext } from "@servable/core/testing";
import { expect, it } from "vitest";
import { turn } from "../../testing/fake-threads.js";
import { fixtureFiles } from "../../testing/fixture-files.js";
import { hostOnlyDevice } from "../../testing/host-only-device.js";
import type { PortableOrder, ProgramFacts } from "../portable-host.js";
import { portableThread } from "./portable-thread.js";
import type { FromWorker as AnyFromWorker, ToWorker as AnyToWorker } from "./protocol.js";
import { hostModels } from "./worker-host.js";

type FromWorker = AnyFromWorker<ProgramFacts>;
type ToWorker = AnyToWorker<PortableOrder>;

const MIB = 2 ** 20;
/** Of half_plus_two: two numbers. */
const WEIGHT_BYTES = 8;
const order = { tags: ["serve"], optimize: {}, timeoutMs: 60_000 };
const x = { dtype: "float32", shape: [1], data: Float32Array.of(1) } as const;
const what = { signature: "serving_default", inputs: { x }, outputs: ["y"] };

/** A worker without a thread, on a device whose memory the test lets grow. */
class Stage {
  readonly device = { ...hostOnlyDevice, memoryBytes: 16 * MIB };
  readonly said: FromWorker[] = [];
  #tell: (message: ToWorker) => void = () => {};
  readonly #open = fixtureFiles("half_plus_two/1").open(loadContext());
  /** Whether files are answered. */
  answers = true;

  constructor() {
    hostModels(
      {
        send: (message) => {
          this.said.push(message);
          if (message.type === "read-file" && this.answers) void this.#read(message);
        },
        onMessage: (listener) => {
          this.#tell = listener;
        },
      },
      portableThread(async () => this.device),
    );
  }

  tell(message: ToWorker): void {
    this.#tell(message);
  }

  async #read({ request, name, range }: Extract<FromWorker, { type: "read-file" }>): Promise<void> {
    const bytes = await (await this.#open).read(name, range);
    this.tell({ type: "file-read", request, bytes });
  }

  async next<T extends FromWorker["type"]>(type: T): Promise<Extract<FromWorker, { type: T }>> {
    for (;;) {
      const at = this.said.findIndex((message) => message.type === type);
      const [found] = at < 0 ? [] : this.said.splice(at, 1);
      if (found !== undefined) return found as Extract<FromWorker, { type: T }>;
      await turn();
    }
  }

  async load(model: number): Promise<void> {
    this.tell({ type: "load", model, order });
    expect(await this.next("loaded")).toMatchObject({ model });
  }

  async run(model: number): Promise<void> {
    this.tell({ type: "run", model, call: 9, what });
    expect(await this.next("ran")).toMatchObject({ call: 9, outputs: { y: { data: Float32Array.of(2.5) } } });
  }

  async unload(model: number): Promise<number> {
    this.tell({ type: "unload", model });
    const { model: unloaded, spareBytes } = await this.next("unloaded");
    expect(unloaded).toBe(model);
    return spareBytes;
  }
}

it("holds several models, and tells at unload how much memory the others do not need", async () => {
  const stage = new Stage();
  await stage.load(1);
  await stage.load(2);
  stage.device.memoryBytes += 100 * MIB;
  await stage.run(1);
  stage.device.memoryBytes += 10 * MIB;
  await stage.run(2);
  expect(await stage.unload(1)).toBe(100 * MIB);
  await stage.run(2);
  await stage.load(3);
  expect(await stage.unload(2)).toBe(110 * MIB - WEIGHT_BYTES);
  await stage.run(3);
});

it("refuses calls of models that it does not have, or no longer has", async () => {
  const stage = new Stage();
  stage.tell({ type: "run", model: 1, call: 0, what });
  expect(await stage.next("run-failed")).toMatchObject({ call: 0, error: { code: "CANCELLED" } });
  await stage.load(1);
  await stage.unload(1);
  stage.tell({ type: "run", model: 1, call: 1, what });
  expect(await stage.next("run-failed")).toMatchObject({ call: 1, error: { code: "CANCELLED" } });
  expect(await stage.unload(1)).toBe(0);
});

it("stops a load whose model is unloaded, at the next file", async () => {
  const stage = new Stage();
  stage.answers = false;
  stage.tell({ type: "load", model: 1, order });
  const { request, name } = await stage.next("read-file");
  stage.tell({ type: "unload", model: 1 });
  const open = await fixtureFiles("half_plus_two/1").open(loadContext());
  stage.tell({ type: "file-read", request, bytes: await open.read(name) });
  expect(await stage.next("load-failed")).toMatchObject({ model: 1, error: { code: "CANCELLED" } });
  await stage.next("unloaded");
  stage.answers = true;
  await stage.load(2);
});

it("tries the device again for the next model where it could not be started", async () => {
  const said: FromWorker[] = [];
  let tell: (message: ToWorker) => void = () => {};
  let starts = 0;
  hostModels(
    { send: (message) => void said.push(message), onMessage: (listener) => void (tell = listener) },
    portableThread(async () => {
      starts++;
      throw new Error("no WebAssembly here");
    }),
  );
  for (const model of [1, 2]) {
    tell({ type: "load", model, order });
    await turn();
  }
  expect(starts).toBe(2);
  const error = { code: "INTERNAL", message: "no WebAssembly here" };
  expect(said).toMatchObject([
    { type: "load-failed", model: 1, error },
    { type: "load-failed", model: 2, error },
  ]);
});
