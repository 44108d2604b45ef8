import {
  DEFAULT_SIGNATURE,
  formatId,
  type Manager,
  type NamedTensors,
  type Predictor,
  type ServableId,
  ServingError,
  type Signature,
} from "@servable/core";
import { checkedOutputs, checkInputs, wantedOutputs } from "./check-tensors.js";
import { type ModelSpec, selectorOf } from "./model-spec.js";
import { servableAsPredictor } from "./servable-as-predictor.js";

/** One predict call. */
export interface PredictRequest extends ModelSpec {
  /** @defaultValue "serving_default", which "" means too */
  readonly signature?: string;
  /** Names of the outputs wanted. @defaultValue all of the signature */
  readonly outputs?: readonly string[];
  readonly signal?: AbortSignal;
  /** Reads the inputs, now that it is known what the model takes; what it throws gets the model's name. */
  readonly decode: (signature: Signature) => NamedTensors;
}

/** What a predict call gave. */
export interface Prediction {
  /** The version that answered. */
  readonly id: ServableId;
  readonly signature: string;
  readonly outputs: NamedTensors;
}

/**
 * Runs one call. The version stays loaded until the call has settled.
 * @throws ServingError what `Manager.acquire` throws; INVALID_ARGUMENT, naming model, version, signature and input, for
 * a servable that is no predictor, an unknown signature or output, or inputs that do not fit; INTERNAL for a predictor
 * that fails or leaves an output out; CANCELLED or, after `AbortSignal.timeout`, DEADLINE_EXCEEDED when
 * `request.signal` aborts
 */
export async function predict(manager: Manager, request: PredictRequest): Promise<Prediction> {
  using handle = await manager.borrow(request.model, selectorOf(request), request.signal && { signal: request.signal });
  const { id } = handle;
  const predictor = servableAsPredictor(handle.servable, id);
  const name = request.signature === undefined || request.signature === "" ? DEFAULT_SIGNATURE : request.signature;
  return { id, signature: name, outputs: await run(predictor, { id, name, request }) };
}

interface Call {
  readonly id: ServableId;
  readonly name: string;
  readonly request: PredictRequest;
}

async function run(predictor: Predictor, { id, name, request }: Call): Promise<NamedTensors> {
  const { signal } = request;
  const signature = signatureOf(predictor, { id, name, request });
  const place = `${formatId(id)}, signature ${name}`;
  const { inputs, outputs } = named(place, () => {
    const decoded = request.decode(signature);
    checkInputs(decoded, signature);
    return { inputs: decoded, outputs: wantedOutputs(request.outputs, signature) };
  });
  const given = await call(predictor, { inputs, outputs, name, signal, id });
  return named(place, () => checkedOutputs(given, outputs));
}

function signatureOf({ signatures }: Predictor, { id, name }: Call): Signature {
  const found = Object.hasOwn(signatures, name) ? signatures[name] : undefined;
  if (found !== undefined) return found;
  const there = Object.keys(signatures).sort().join(", ") || "none";
  throw new ServingError("INVALID_ARGUMENT", `${formatId(id)} has no signature ${name}; it has ${there}`);
}

interface PredictorCall {
  readonly id: ServableId;
  readonly name: string;
  readonly inputs: NamedTensors;
  readonly outputs: readonly string[];
  readonly signal: AbortSignal | undefined;
}

async function call(predictor: Predictor, { id, name, inputs, outputs, signal }: PredictorCall): Promise<NamedTensors> {
  try {
    signal?.throwIfAborted();
    return await predictor.predict(inputs, { signature: name, outputs, ...(signal && { signal }) });
  } catch (error) {
    if (ServingError.is(error)) throw error;
    if (signal?.aborted !== true) throw ServingError.from(error, "INTERNAL", formatId(id));
    throw ServingError.from(error, isTimeout(signal.reason) ? "DEADLINE_EXCEEDED" : "CANCELLED", formatId(id));
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === "TimeoutError";
}

/** Runs `work`; what it throws gets `place` before its message, and INTERNAL for a code if it has none. */
function named<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!ServingError.is(error)) throw ServingError.from(error, "INTERNAL", place);
    throw new ServingError(error.code, `${place}: ${error.message}`, { cause: error, retryable: error.retryable });
  }
}
