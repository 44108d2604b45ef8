import { it } from "vitest";
import { ServingError } from "../../errors.js";
import type { Handle, Selector } from "../../handle.js";
import type { Manager } from "../../manager/manager.js";
import { isPredictor, type NamedTensors, type Predictor } from "../../predictor.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { ContractCase } from "./contract.js";
import { contractProof } from "./contract-proof.js";
import { claimFits, copyTensors } from "./tensor-claims.js";
import { wireAdapterContract } from "./wire-adapter-contract.js";
import type { WireClient, WireRequest } from "./wire-client.js";

const NOT_FOUND = "does not find what there is not";
const MISFIT = "refuses inputs that do not fit";
const FAULTS = {
  "answers with the earliest version": "answers with the latest version",
  "ignores versions": "answers with the version that is asked for",
  "ignores labels": "answers with the version that a label points to",
  "keeps to the first version of a label": "answers with the version that a label points to",
  "ignores signatures": "answers by the signature that is asked for",
  "cuts names at a slash": "serves many models",
  "carries numbers as float32": "carries values of every kind as they are",
  "carries text as ASCII": "carries values of every kind as they are",
  "drops infinities": "carries values of every kind as they are",
  "makes lists of single values": "carries values of every kind as they are",
  "carries the first output alone": "carries many inputs and outputs by their names",
  "answers with what was asked last": "keeps many calls apart",
  "takes only what is loaded": "loads what is loaded on demand",
  "does not know of unknown models": NOT_FOUND,
  "does not know the status of unknown models": NOT_FOUND,
  "finds nothing that is loading": "tells of what is not available yet",
  "calls whatever it is": "refuses a servable that is no predictor",
  "passes on whatever is sent": MISFIT,
  "fails for good after a bad call": MISFIT,
  "ignores unknown inputs": "refuses an input that the model does not have",
  "calls every failure internal": "passes on the code that a predictor fails with",
  "passes on no message": "passes on the code that a predictor fails with",
  "tells of available versions only": "tells the state of every version",
  "tells of one signature": "tells the signatures",
  "tells no shapes": "tells the signatures",
  "gives a handle back before it calls": "holds a version while a call on it runs",
  "keeps its handles": "gives back every handle after an answer",
  "keeps the handle of metadata": "gives back every handle after an answer",
  "keeps the handle of a failure": "gives back every handle after a failure",
  "passes on no signal": "aborts the call of a client that is gone, and gives its handle back",
  "keeps the handle of an abort": "aborts the call of a client that is gone, and gives its handle back",
  "answers a client that is gone": "aborts the call of a client that is gone, and gives its handle back",
} as const;

type Fault = keyof typeof FAULTS;

const fail = (code: "INVALID_ARGUMENT" | "NOT_FOUND" | "INTERNAL" | "CANCELLED", text: string): ServingError =>
  new ServingError(code, text);

/** An adapter without a wire: it calls the manager itself. */
class DirectClient implements WireClient {
  readonly #manager: Manager;
  readonly #fault: Fault | undefined;
  readonly #labels = new Map<string, number>();
  #last: NamedTensors | undefined;
  #spoilt = false;

  constructor(manager: Manager, fault: Fault | undefined) {
    this.#manager = manager;
    this.#fault = fault;
  }

  async predict(request: WireRequest): Promise<NamedTensors> {
    const fault = this.#fault;
    const handle = await this.#borrow(request);
    const keeps = (): boolean =>
      fault === "keeps its handles" || (fault === "keeps the handle of an abort" && request.signal?.aborted === true);
    const { servable } = handle;
    if (fault === "gives a handle back before it calls") handle.release();
    try {
      const found = await this.#call(servable, request);
      if (!keeps()) handle.release();
      return found;
    } catch (error) {
      if (!keeps() && fault !== "keeps the handle of a failure") handle.release();
      this.#spoilt = fault === "fails for good after a bad call";
      if (fault === "calls every failure internal") throw fail("INTERNAL", String(error));
      const told = ServingError.from(error, "INTERNAL");
      throw fault === "passes on no message" ? new ServingError(told.code, "it failed") : told;
    }
  }

  async #borrow({ model, version, label }: WireRequest): Promise<Handle<unknown>> {
    const fault = this.#fault;
    const name = fault === "cuts names at a slash" ? (model.split("/")[0] ?? "") : model;
    const selector = fault === "ignores versions" ? {} : this.#selector({ version, label });
    const known = this.#manager.model(name)?.versions.some(({ state }) => state === "AVAILABLE") ?? false;
    if (fault === "finds nothing that is loading" && !known) throw fail("NOT_FOUND", `there is no ${name}`);
    if (fault === "does not know of unknown models" && !known) throw fail("INTERNAL", `there is no ${name}`);
    if (fault === "takes only what is loaded") return this.#manager.acquire(name, selector);
    return this.#manager.borrow(name, selector);
  }

  #selector({ version, label }: { version: number | undefined; label: string | undefined }): Selector {
    const fault = this.#fault;
    if (version !== undefined) return { version };
    if (label === undefined) return fault === "answers with the earliest version" ? { version: "earliest" } : {};
    if (fault === "ignores labels") return {};
    if (fault !== "keeps to the first version of a label") return { label };
    const first = this.#labels.get(label) ?? this.#manager.model("m")?.labels[label] ?? 0;
    this.#labels.set(label, first);
    return { version: first };
  }

  async #call(servable: unknown, request: WireRequest): Promise<NamedTensors> {
    const fault = this.#fault;
    const { inputs, signal } = request;
    const signature = fault === "ignores signatures" ? "serving_default" : (request.signature ?? "serving_default");
    const predictor = this.#predictor(servable);
    const { x, ...others } = inputs;
    const checked = fault === "ignores unknown inputs" && x !== undefined && "z" in others ? { x } : inputs;
    if (fault !== "passes on whatever is sent") check(predictor, signature, checked);
    if (this.#spoilt) throw fail("INTERNAL", "it is broken");
    this.#last = inputs;
    if (fault === "answers with what was asked last") await Promise.resolve();
    const given = fault === "answers with what was asked last" ? this.#last : inputs;
    const passed = fault === "passes on no signal" ? undefined : signal;
    const answer = predictor.predict(this.#carried(given), { signature, ...(passed && { signal: passed }) });
    if (fault === "answers a client that is gone") return answer.catch(() => inputs);
    const found = this.#carried(await answer);
    return fault === "carries the first output alone" ? Object.fromEntries(Object.entries(found).slice(0, 1)) : found;
  }

  #predictor(servable: unknown): Predictor {
    if (isPredictor(servable)) return servable;
    if (this.#fault === "calls whatever it is") throw new TypeError("predict is not a function");
    throw fail("INVALID_ARGUMENT", "m is no predictor");
  }

  /** What tensors are at the other end of the wire. */
  #carried(tensors: NamedTensors): NamedTensors {
    return Object.fromEntries(
      Object.entries(copyTensors(tensors)).map(([name, tensor]) => [name, this.#carry(tensor)]),
    );
  }

  #carry(tensor: Tensor): Tensor {
    const fault = this.#fault;
    const { data, shape } = tensor;
    if (fault === "makes lists of single values" && shape.length === 0) return { ...tensor, shape: [1] };
    if (fault === "carries numbers as float32" && data instanceof BigInt64Array)
      return { ...tensor, data: data.map((value) => BigInt(Math.fround(Number(value)))) };
    if (fault === "drops infinities" && data instanceof Float32Array)
      return { ...tensor, data: data.map((value) => (Number.isFinite(value) ? value : 0)) };
    if (fault === "carries text as ASCII" && Array.isArray(data))
      return { ...tensor, data: data.map((bytes: Uint8Array) => bytes.map((byte) => byte & 127)) };
    return tensor;
  }

  async status(model: string): Promise<Awaited<ReturnType<WireClient["status"]>>> {
    const found = this.#manager.model(model);
    const blind = this.#fault === "does not know the status of unknown models";
    if (found === undefined && !blind) throw fail("NOT_FOUND", `there is no ${model}`);
    const versions = (found?.versions ?? []).map(({ id: { version }, state }) => ({ version, state }));
    return this.#fault === "tells of available versions only"
      ? versions.filter(({ state }) => state === "AVAILABLE")
      : versions;
  }

  async metadata(model: string): Promise<Predictor["signatures"]> {
    const handle = this.#manager.acquire(model);
    try {
      const { signatures } = this.#predictor(handle.servable);
      if (this.#fault === "tells of one signature") return Object.fromEntries(Object.entries(signatures).slice(0, 1));
      if (this.#fault !== "tells no shapes") return signatures;
      const blurred = Object.entries(signatures).map(([name, each]) => {
        const inputs = Object.entries(each.inputs).map(([key, spec]) => [key, { ...spec, shape: undefined }] as const);
        return [name, { ...each, inputs: Object.fromEntries(inputs) }] as const;
      });
      return Object.fromEntries(blurred);
    } finally {
      if (this.#fault !== "keeps the handle of metadata") handle.release();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function check({ signatures }: Predictor, name: string, inputs: NamedTensors): void {
  const specs = Object.hasOwn(signatures, name) ? signatures[name]?.inputs : undefined;
  if (specs === undefined) throw fail("INVALID_ARGUMENT", `m has no signature ${name}`);
  const unknown = Object.keys(inputs).find((each) => !Object.hasOwn(specs, each));
  if (unknown !== undefined) throw fail("INVALID_ARGUMENT", `m has no input ${unknown}`);
  for (const [each, spec] of Object.entries(specs)) {
    try {
      claimFits(inputs[each], spec, `input ${each}`);
    } catch (error) {
      throw ServingError.from(error, "INVALID_ARGUMENT");
    }
  }
}

const contract = (fault?: Fault): readonly ContractCase[] =>
  wireAdapterContract({ serve: (manager) => new DirectClient(manager, fault) });

for (const { name, run } of contractProof(contract, FAULTS)) it(name, run);
