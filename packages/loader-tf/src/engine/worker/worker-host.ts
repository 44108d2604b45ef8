import { ServingError } from "@servable/core";
import type { HostedModel, HostRequest, LoadOrder } from "../host.js";
import type { FromWorker, Line, ToWorker } from "./protocol.js";
import { RemoteFiles } from "./remote-files.js";
import { given } from "./tensors.js";
import { fromWire, toWire } from "./wire-error.js";

/** What an engine does on a worker thread. */
export interface ThreadHost<O extends LoadOrder, F> {
  open(model: number, request: HostRequest<O>): Promise<HostedModel<F>>;
  /** Is told that a call of a model has come to its end. */
  ran(model: number): void;
  /**
   * Is told that a model has been closed.
   * @returns the bytes that no model needs and that only the end of the thread would give back
   */
  closed(model: number): number;
}

interface Hosted<F> {
  readonly abort: AbortController;
  /** There once it is loaded. */
  readonly loading: Promise<HostedModel<F> | undefined>;
  model: HostedModel<F> | undefined;
}

/** The worker's side: loads models and answers calls on them. Its end is the end of the thread. */
export function hostModels<O extends LoadOrder, F>(
  line: Line<ToWorker<O>, FromWorker<F>>,
  host: ThreadHost<O, F>,
): void {
  const files = new RemoteFiles((question) => line.send(question));
  const hosted = new Map<number, Hosted<F>>();

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

  async function load(number: number, order: O, signal: AbortSignal): Promise<HostedModel<F> | undefined> {
    try {
      const report = (progress: { stage: string }): void =>
        line.send({ type: "load-progressed", model: number, progress });
      const model = await host.open(number, { order, files: files.of(number), signal, report });
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
    line.send({ type: "unloaded", model: number, spareBytes: host.closed(number) });
  }

  async function run({ model: number, call, what }: Extract<ToWorker<O>, { type: "run" }>): Promise<void> {
    try {
      const model = hosted.get(number)?.model;
      if (model === undefined) throw new ServingError("CANCELLED", "the model is unloaded");
      const { tensors, transfer } = given(await model.run(what));
      line.send({ type: "ran", call, outputs: tensors }, transfer);
    } catch (error) {
      line.send({ type: "run-failed", call, error: toWire(error) });
    }
    host.ran(number);
  }
}
