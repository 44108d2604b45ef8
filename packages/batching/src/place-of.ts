import {
  DEFAULT_SIGNATURE,
  isStorageOf,
  lanesOf,
  type NamedTensors,
  type PredictOptions,
  type Signature,
  sizeOf,
  type Tensor,
  type TensorSpec,
} from "@servable/core";

/** Where a call is queued. */
export interface Place {
  /** The signature that it calls. */
  readonly queue: string;
  /** What it may be run together with; undefined where it must be run alone. */
  readonly lane: string | undefined;
  /** Its size along the batch dimension; 1 for a call that is run alone. */
  readonly rows: number;
}

/** Whether a signature declares a batch dimension: every input and output begins with a size that is left open. */
export function isBatchable({ inputs, outputs }: Signature): boolean {
  const specs = Object.values(inputs);
  // An output of unknown rank is looked at when it is there.
  const outs = Object.values(outputs).filter(({ shape }) => shape !== undefined);
  return specs.length > 0 && [...specs, ...outs].every(({ shape }) => shape?.[0] === -1);
}

/** A call as it comes. */
export interface AskedCall {
  readonly inputs: NamedTensors;
  readonly options: PredictOptions;
}

/**
 * Tells where calls are queued: they are run together if they are of one signature, want the same outputs, and their
 * inputs have the same sizes after the first; or, padded to variable length, the same where the signature fixes them. A
 * call that the predictor may refuse, or that may be meant in a way of its own, is run alone, so that the predictor
 * itself answers it and no other call suffers.
 */
export function placesIn(
  signatures: Readonly<Record<string, Signature>>,
  padsVariableLength: boolean,
): (call: AskedCall) => Place {
  const plans = new Map(
    Object.entries(signatures).map(([name, signature]) => [name, planOf(name, signature, padsVariableLength)]),
  );
  return ({ inputs, options }) => {
    const { signature = DEFAULT_SIGNATURE, outputs } = options;
    const plan = plans.get(signature);
    return plan === undefined ? { queue: "", lane: undefined, rows: 1 } : placeIn(plan, inputs, outputs);
  };
}

/** What is known of a signature before any call. */
interface Plan {
  readonly signature: Signature;
  readonly inputs: readonly (readonly [string, TensorSpec])[];
  readonly isBatchable: boolean;
  readonly pads: boolean;
  /** The place of a call that is run alone. */
  readonly alone: Place;
}

function planOf(queue: string, signature: Signature, pads: boolean): Plan {
  const alone = { queue, lane: undefined, rows: 1 };
  return { signature, inputs: Object.entries(signature.inputs), isBatchable: isBatchable(signature), pads, alone };
}

function placeIn(plan: Plan, given: NamedTensors, wanted: readonly string[] | undefined): Place {
  const { signature, alone, pads } = plan;
  const { queue } = alone;
  if (!plan.isBatchable || Object.keys(given).length !== plan.inputs.length) return alone;
  const outputs = wanted === undefined ? "*" : outputsKey(wanted, signature);
  if (outputs === undefined) return alone;
  let lane = outputs;
  let rows: number | undefined;
  for (const [name, spec] of plan.inputs) {
    const tensor = Object.hasOwn(given, name) ? given[name] : undefined;
    if (tensor === undefined || !fits(tensor, spec)) return alone;
    if (rows !== undefined && tensor.shape[0] !== rows) return alone;
    rows = tensor.shape[0];
    lane += `|${tailKey(tensor, spec, pads)}`;
  }
  // The name comes last, so that no other part of the key can be mistaken for a part of it.
  return rows === undefined || rows === 0 ? alone : { queue, lane: `${lane}|${queue}`, rows };
}

function outputsKey(wanted: readonly string[], { outputs }: Signature): string | undefined {
  if (wanted.length === 0 || !wanted.every((name) => Object.hasOwn(outputs, name))) return undefined;
  const names = new Set(wanted);
  if (names.size === Object.keys(outputs).length) return "*";
  return JSON.stringify([...names].sort());
}

function fits(tensor: Tensor, spec: TensorSpec): boolean {
  const { dtype, shape, data } = tensor;
  if (dtype !== spec.dtype || !Array.isArray(shape) || shape.length !== spec.shape?.length) return false;
  for (let axis = 0; axis < shape.length; axis++) {
    const [size, wanted] = [shape[axis], spec.shape[axis]];
    if (!Number.isSafeInteger(size) || size < 0 || (wanted !== -1 && wanted !== size)) return false;
  }
  return isStorageOf(dtype, data) && data.length === sizeOf(shape) * lanesOf(dtype);
}

/** The sizes after the first, with `?` for one that is padded. */
function tailKey({ shape }: Tensor, spec: TensorSpec, pads: boolean): string {
  let key = "";
  // What has no element has nothing to be padded with.
  const isPadded = pads && !shape.includes(0);
  for (let axis = 1; axis < shape.length; axis++) {
    key += isPadded && spec.shape?.[axis] === -1 ? "?," : `${shape[axis]},`;
  }
  return key;
}
