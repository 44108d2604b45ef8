import { type NamedTensors, ServingError, type Tensor } from "@servable/core";
import type { Call } from "../call.js";
import type { CApi, Pointer } from "./c-api.js";
import type { GraphTensor, NativeSignature } from "./signatures.js";
import { checked, errorOfStatus } from "./status.js";
import { readTensor, releaseTensor, type TensorType, writeTensor } from "./tensors.js";

/** What a run ended with; `outputs` reads them out, once, and throws what TensorFlow said if it failed. */
export type RunEnd = () => Record<string, Tensor>;

/** A tensor that is fed or fetched, under the name that the caller has for it. */
interface Port extends TensorType {
  readonly name: string;
}

/** All that is the same for every call of a signature that wants the same outputs. */
interface Plan {
  readonly signature: string;
  readonly wanted: readonly string[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly feeds: BigUint64Array;
  readonly fetches: BigUint64Array;
  /** Sets of arrays that no run uses now. */
  readonly free: Slot[];
}

/** Arrays for the tensors of one run. */
interface Slot {
  readonly inputs: BigUint64Array;
  readonly outputs: BigUint64Array;
}

/** What a session is made of; it takes over all of it. */
export interface SessionParts {
  readonly api: CApi;
  readonly session: Pointer;
  readonly graph: Pointer;
  readonly signatures: ReadonlyMap<string, NativeSignature>;
  /** RunOptions for every run. */
  readonly runOptions: Uint8Array | undefined;
}

/** Callers choose among few sets of outputs; what is beyond that is planned anew. */
const MAX_PLANS = 64;

/** A session of TensorFlow: runs any number of calls at once. */
export class NativeSession {
  readonly #parts: SessionParts;
  readonly #runOptions: Pointer;
  readonly #plans = new Map<string, Plan>();
  /** Statuses that no run uses now. */
  readonly #statuses: Pointer[] = [];
  #latest: Plan | undefined;
  #running = 0;
  #onIdle: (() => void) | undefined;
  #isClosed = false;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#runOptions = parts.runOptions === undefined ? 0n : parts.api.newBuffer(parts.runOptions);
  }

  /** Runs that have not ended. */
  get running(): number {
    return this.#running;
  }

  /**
   * Starts a run.
   * @param done is called when it has ended; what was fed stays in memory until its `RunEnd` is called
   * @throws ServingError RESOURCE_EXHAUSTED where there is no memory for the inputs
   */
  start(call: Call, done: (end: RunEnd) => void): void {
    const { api, session } = this.#parts;
    const plan = this.#planOf(call);
    const { feeds, fetches, free } = plan;
    const slot = free.pop() ?? { inputs: outside(plan.inputs.length), outputs: outside(plan.outputs.length) };
    const { inputs, outputs } = slot;
    this.#feed(plan, slot, call.inputs);
    const status = this.#statuses.pop() ?? api.newStatus();
    this.#running++;
    api.run({ session, options: this.#runOptions, feeds, inputs, fetches, outputs, metadata: 0n, status }, () => {
      this.#running--;
      done(() => this.#finish(plan, slot, status));
      if (this.#running === 0) this.#onIdle?.();
    });
  }

  /** Lets no run begin, ends what still runs, and frees all of it. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { api, session, graph } = this.#parts;
    this.cancel();
    if (this.#running > 0) await new Promise<void>((resolve) => void (this.#onIdle = resolve));
    const status = api.newStatus();
    await api.deleteSession(session, status);
    for (const each of [...this.#statuses, status]) api.deleteStatus(each);
    api.deleteGraph(graph);
    if (this.#runOptions !== 0n) api.deleteBuffer(this.#runOptions);
  }

  /** Ends what runs, with an error; nothing runs on the session any more. */
  cancel(): void {
    const { api, session } = this.#parts;
    checked(api, (status) => api.closeSession(session, status));
  }

  #planOf({ signature, outputs }: Call): Plan {
    const latest = this.#latest;
    if (latest?.signature === signature && isSame(latest.wanted, outputs)) return latest;
    const key = JSON.stringify([signature, outputs]);
    const plan = this.#plans.get(key) ?? this.#newPlan(signature, outputs);
    if (this.#plans.size < MAX_PLANS) this.#plans.set(key, plan);
    this.#latest = plan;
    return plan;
  }

  #newPlan(name: string, wanted: readonly string[]): Plan {
    const signature = this.#parts.signatures.get(name);
    if (signature === undefined) throw new ServingError("INVALID_ARGUMENT", `there is no signature ${name}`);
    const inputs = [...signature.inputs];
    const outputs = wanted.flatMap((output): [string, GraphTensor][] => {
      const tensor = signature.outputs.get(output);
      return tensor === undefined ? [] : [[output, tensor]];
    });
    const portOf = ([port, { dtype, code }]: readonly [string, GraphTensor]): Port => ({ name: port, dtype, code });
    return {
      signature: name,
      wanted,
      inputs: inputs.map(portOf),
      outputs: outputs.map(portOf),
      feeds: this.#places(inputs),
      fetches: this.#places(outputs),
      free: [],
    };
  }

  /** An array of TF_Output, each the address of an operation and the number of its output. */
  #places(tensors: readonly (readonly [string, GraphTensor])[]): BigUint64Array {
    const { api, graph } = this.#parts;
    const places = outside(2 * tensors.length);
    for (const [at, [name, { operation, index }]] of tensors.entries()) {
      const address = api.operation(graph, operation);
      if (address === 0n) throw new ServingError("DATA_LOSS", `${name} is ${operation}, which the graph does not have`);
      places[2 * at] = address;
      places[2 * at + 1] = BigInt(index);
    }
    return places;
  }

  #feed(plan: Plan, slot: Slot, tensors: NamedTensors): void {
    const { api } = this.#parts;
    const { inputs } = plan;
    let at = 0;
    try {
      for (; at < inputs.length; at++) {
        const port = inputs[at];
        const tensor = port && tensors[port.name];
        if (tensor === undefined) throw new ServingError("INVALID_ARGUMENT", `input ${port?.name} is missing`);
        slot.inputs[at] = writeTensor(api, tensor, port as Port);
      }
    } catch (error) {
      for (const tensor of slot.inputs.subarray(0, at)) releaseTensor(api, tensor);
      throw error;
    }
  }

  /** Reads what a run gave and frees it. The inputs come last: an output may be the memory of one. */
  #finish({ outputs, free }: Plan, slot: Slot, status: Pointer): Record<string, Tensor> {
    const { api } = this.#parts;
    const code = api.code(status);
    const error = code === 0 ? undefined : errorOfStatus(code, api.message(status));
    try {
      if (error !== undefined) throw error;
      return Object.fromEntries(outputs.map((port, at) => [port.name, readTensor(api, slot.outputs[at] ?? 0n, port)]));
    } finally {
      if (error === undefined) for (const tensor of slot.outputs) api.deleteTensor(tensor);
      for (const tensor of slot.inputs) releaseTensor(api, tensor);
      free.push(slot);
      this.#statuses.push(status);
    }
  }
}

/** Numbers outside of JavaScript's heap, where nothing moves them. */
function outside(length: number): BigUint64Array {
  return new BigUint64Array(new ArrayBuffer(8 * length));
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, at) => name === other[at]);
}
