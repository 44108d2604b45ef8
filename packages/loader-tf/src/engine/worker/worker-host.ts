import { ServingError } from "@servable/core";
import type { Device } from "../../portable/run/device.js";
import { wasmDevice } from "../../portable/run/wasm-device.js";
import type { EngineModel } from "../engine.js";
import { openOn } from "../inline-engine.js";
import { MemoryAccount } from "./memory-account.js";
import type { FromWorker, Line, LoadOrder, ToWorker } from "./protocol.js";
import { RemoteFiles } from "./remote-files.js";
import { given } from "./tensors.js";
import { fromWire, toWire } from "./wire-error.js";

interface Hosted {
  readonly abort: AbortController;
  /** There once it is loaded. */
  readonly loading: Promise<EngineModel | undefined>;
  model: EngineModel | undefined;
}

/** The device, and who needs its memory. */
interface Ground {
  readonly device: Device;
  readonly memory: MemoryAccount;
}

/**
 * The worker's side: loads models and answers calls on them. Its end is the end of the thread.
 * @param startDevice gives the device that all models share
 */
export function hostModels(
  line: Line<ToWorker, FromWorker>,
  startDevice: (wasmPath?: string) => Promise<Device> = wasmDevice,
): void {
  const files = new RemoteFiles(line);
  const hosted = new Map<number, Hosted>();
  let ground: Promise<Ground> | undefined;

  line.onMessage((message) => {
    switch (message.type) {
      case "load": {
        const abort = new AbortController();
        const loading = load(message.model, message.order, abort.signal);
        hosted.set(message.model, { abort, loading, model: undefined });
        return;
      }
      case "unload":
        void unload(message.model);
        return;
      case "file-read":
        files.settle(message.request, { bytes: message.bytes });
        return;
      case "file-failed":
        files.settle(message.request, { error: fromWire(message.error) });
        return;
      case "run":
        void run(message);
        return;
      default:
        message satisfies never;
    }
  });

  /** One device for all models; where it could not be started the next model tries again. */
  async function groundOf({ wasmPath }: LoadOrder): Promise<Ground> {
    ground ??= startDevice(wasmPath).then((device) => ({ device, memory: new MemoryAccount(device) }));
    try {
      return await ground;
    } catch (error) {
      ground = undefined;
      throw error;
    }
  }

  async function load(number: number, order: LoadOrder, signal: AbortSignal): Promise<EngineModel | undefined> {
    try {
      const { device, memory } = await groundOf(order);
      const report = (progress: { stage: string }): void =>
        line.send({ type: "load-progressed", model: number, progress });
      const model = await openOn(device, { ...order, files: files.of(number), signal, report });
      memory.charge(number);
      memory.require(number, model.facts.deviceBytes);
      const entry = hosted.get(number);
      if (entry !== undefined) entry.model = model;
      const { signatures, facts } = model;
      line.send({ type: "loaded", model: number, loaded: { signatures, facts } });
      return model;
    } catch (error) {
      line.send({ type: "load-failed", model: number, error: toWire(error) });
      return undefined;
    }
  }

  async function unload(number: number): Promise<void> {
    const entry = hosted.get(number);
    entry?.abort.abort(new ServingError("CANCELLED", "the model is unloaded"));
    await (await entry?.loading)?.close();
    hosted.delete(number);
    const memory = (await ground)?.memory;
    memory?.forget(number);
    line.send({ type: "unloaded", model: number, spareBytes: memory?.spareBytes ?? 0 });
  }

  async function run({ model: number, call, what }: Extract<ToWorker, { type: "run" }>): Promise<void> {
    try {
      const model = hosted.get(number)?.model;
      if (model === undefined) throw new ServingError("CANCELLED", "the model is unloaded");
      const { tensors, transfer } = given(await model.run(what));
      line.send({ type: "ran", call, outputs: tensors }, transfer);
    } catch (error) {
      line.send({ type: "run-failed", call, error: toWire(error) });
    }
    (await ground)?.memory.charge(number);
  }
}
