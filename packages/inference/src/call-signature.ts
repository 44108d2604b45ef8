import {
  type BorrowOptions,
  DEFAULT_SIGNATURE,
  formatId,
  type Manager,
  type NamedTensors,
  type PredictOptions,
  type Predictor,
  type ServableId,
  ServingError,
  type Signature,
} from "@servable/core";
import { type CallSignal, Cancellation, signalOf } from "./cancellation.js";
import { checkedOutputs, checkInputs, wantedOutputs } from "./check-tensors.js";
import { type ModelSpec, selectorOf } from "./model-spec.js";
import { servableAsPredictor } from "./servable-as-predictor.js";

/** Which signature of which model a call means. */
export interface SignatureSpec extends ModelSpec {
  /** @defaultValue "serving_default", which "" means too */
  readonly signature?: string;
  readonly signal?: CallSignal | undefined;
}

/** What a call does with the signature that it means; what `prepare` and `read` throw gets the model's name. */
export interface SignaturePlan<T> {
  prepare(signature: Signature): PreparedCall | Promise<PreparedCall>;
  read(outputs: NamedTensors): T;
}

/** What a predictor is called with. */
export interface PreparedCall {
  readonly inputs: NamedTensors;
  /** @defaultValue all of the signature, which [] means too */
  readonly outputs?: readonly string[] | undefined;
}

/** The version that answered, the signature's name, and what the plan has read. */
export interface SignatureAnswer<T> {
  readonly id: ServableId;
  readonly signature: string;
  readonly result: T;
}

/** One call of a borrowed version. */
export interface SignatureCall {
  readonly id: ServableId;
  readonly signature: string;
  readonly signal?: CallSignal | undefined;
}

/** The name of the signature that is meant. */
export function signatureName(given: string | undefined): string {
  return given === undefined || given === "" ? DEFAULT_SIGNATURE : given;
}

/** Borrows the predictor that `spec` means for the time that `work` takes. */
export async function borrowPredictor<T>(
  manager: Manager,
  spec: ModelSpec & { readonly signal?: CallSignal | undefined },
  work: (predictor: Predictor, id: ServableId) => Promise<T>,
): Promise<T> {
  const handle = await manager.borrow(spec.model, selectorOf(spec), borrowing(spec.signal));
  try {
    return await work(servableAsPredictor(handle.servable, handle.id), handle.id);
  } finally {
    handle.release();
  }
}

/** Runs one call of one signature by a plan. The version stays loaded until the call has settled. */
export function callSignature<T>(
  manager: Manager,
  spec: SignatureSpec,
  plan: SignaturePlan<T>,
): Promise<SignatureAnswer<T>> {
  return borrowPredictor(manager, spec, async (predictor, id) => {
    const signature = signatureName(spec.signature);
    return { id, signature, result: await runSignature(predictor, { id, signature, signal: spec.signal }, plan) };
  });
}

/** Runs one call of a predictor by a plan, which sees nothing that does not fit the signature. */
export async function runSignature<T>(predictor: Predictor, call: SignatureCall, plan: SignaturePlan<T>): Promise<T> {
  const { id, signature: name } = call;
  const signature = signatureOf(predictor, call);
  let inputs: NamedTensors;
  let outputs: readonly string[];
  try {
    const given = plan.prepare(signature);
    // Most are there at once, and waiting costs as much as reading a small body.
    const prepared = given instanceof Promise ? await given : given;
    checkInputs(prepared.inputs, signature);
    inputs = prepared.inputs;
    outputs = wantedOutputs(prepared.outputs, signature);
  } catch (error) {
    throw placed(error, call);
  }
  const given = await ask(predictor, { id, signature: name, inputs, outputs, signal: call.signal });
  try {
    return plan.read(checkedOutputs(given, outputs));
  } catch (error) {
    throw placed(error, call);
  }
}

function signatureOf({ signatures }: Predictor, { id, signature: name }: SignatureCall): Signature {
  const found = Object.hasOwn(signatures, name) ? signatures[name] : undefined;
  if (found !== undefined) return found;
  const there = Object.keys(signatures).sort().join(", ") || "none";
  throw new ServingError("INVALID_ARGUMENT", `${formatId(id)} has no signature ${name}; it has ${there}`);
}

interface PredictorCall extends SignatureCall {
  readonly inputs: NamedTensors;
  readonly outputs: readonly string[];
}

async function ask(predictor: Predictor, call: PredictorCall): Promise<NamedTensors> {
  const { id, signature, inputs, outputs, signal } = call;
  try {
    if (signal?.aborted === true) throw signal.reason;
    return await predictor.predict(
      inputs,
      signal === undefined ? { signature, outputs } : new LazyOptions(signature, outputs, signal),
    );
  } catch (error) {
    if (ServingError.is(error)) throw error;
    if (signal?.aborted !== true) throw ServingError.from(error, "INTERNAL", formatId(id));
    throw ServingError.from(error, isTimeout(signal.reason) ? "DEADLINE_EXCEEDED" : "CANCELLED", formatId(id));
  }
}

/** Options whose signal is made when it is read. A class: an object with a getter of its own costs more than the signal. */
class LazyOptions implements PredictOptions {
  readonly signature: string;
  readonly outputs: readonly string[];
  readonly #signal: CallSignal;

  constructor(signature: string, outputs: readonly string[], signal: CallSignal) {
    this.signature = signature;
    this.outputs = outputs;
    this.#signal = signal;
  }

  get signal(): AbortSignal {
    return signalOf(this.#signal);
  }
}

function borrowing(signal: CallSignal | undefined): BorrowOptions | undefined {
  // A cancellation makes its signal when the manager reads it, which is where it waits.
  return signal instanceof Cancellation ? signal : signal && { signal };
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === "TimeoutError";
}

/** The error with the place before its message, and INTERNAL for a code if it has none. */
function placed(error: unknown, { id, signature }: SignatureCall): ServingError {
  const place = `${formatId(id)}, signature ${signature}`;
  if (!ServingError.is(error)) return ServingError.from(error, "INTERNAL", place);
  return new ServingError(error.code, `${place}: ${error.message}`, { cause: error, retryable: error.retryable });
}
