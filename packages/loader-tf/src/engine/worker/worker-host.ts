import type { OpenFiles } from "@servable/core";
import type { EngineModel } from "../engine.js";
import { inlineEngine } from "../inline-engine.js";
import type { FromWorker, Line, ToWorker } from "./protocol.js";
import { given } from "./tensors.js";
import { fromWire, toWire } from "./wire-error.js";

/** The worker's side: loads one model and answers calls on it. Its end is the end of the thread. */
export function hostModel(line: Line<ToWorker, FromWorker>): void {
  const files = new RemoteFiles(line);
  let model: EngineModel | undefined;
  line.onMessage((message) => {
    switch (message.type) {
      case "load":
        void load(message);
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

  async function load({ tags, optimize, wasmPath }: Extract<ToWorker, { type: "load" }>): Promise<void> {
    try {
      const report = (progress: { stage: string }): void => line.send({ type: "load-progressed", progress });
      model = await inlineEngine({
        files,
        tags,
        optimize,
        signal: new AbortController().signal,
        report,
        ...(wasmPath !== undefined && { wasmPath }),
      });
      line.send({ type: "loaded", signatures: model.signatures, facts: model.facts });
    } catch (error) {
      line.send({ type: "load-failed", error: toWire(error) });
    }
  }

  async function run({ call, what }: Extract<ToWorker, { type: "run" }>): Promise<void> {
    try {
      if (model === undefined) throw new Error("no model is loaded");
      const { tensors, transfer } = given(await model.run(what));
      line.send({ type: "ran", call, outputs: tensors }, transfer);
    } catch (error) {
      line.send({ type: "run-failed", call, error: toWire(error) });
    }
  }
}

interface Waiting {
  resolve(bytes: Uint8Array): void;
  reject(error: unknown): void;
}

/** The files, which lie on the other side of the line. */
class RemoteFiles implements OpenFiles {
  readonly #line: Line<ToWorker, FromWorker>;
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;

  constructor(line: Line<ToWorker, FromWorker>) {
    this.#line = line;
  }

  read(name: string, range?: { readonly start: number; readonly end: number }): Promise<Uint8Array> {
    const request = this.#requests++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(request, { resolve, reject });
      this.#line.send({ type: "read-file", request, name, ...(range === undefined ? {} : { range }) });
    });
  }

  settle(request: number, result: { readonly bytes: Uint8Array } | { readonly error: unknown }): void {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    if ("bytes" in result) waiting?.resolve(result.bytes);
    else waiting?.reject(result.error);
  }

  async list(): Promise<readonly []> {
    throw new Error("a worker reads files by name");
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
