import {
  DEFAULT_SIGNATURE,
  type Dependency,
  type Loader,
  type NamedTensors,
  type Predictor,
  ServingError,
  type Signature,
  type TensorSpec,
} from "@servable/core";
import { PREDICT_METHOD } from "../predictor/make-predictor.js";
import { composite } from "./composite.js";
import type { Part } from "./part.js";

/** A servable of the manager that a pipeline calls, and how. */
export interface PipelineStep extends Dependency {
  /** @defaultValue "serving_default" */
  readonly signature?: string;
  /** For inputs of the servable, by what name they come in. @defaultValue their own */
  readonly inputs?: Readonly<Record<string, string>>;
  /** For outputs of the servable, by what name they are handed on. @defaultValue their own */
  readonly outputs?: Readonly<Record<string, string>>;
}

/**
 * A loader of a predictor that calls one servable after another, with the outputs of each as the inputs of the next; see
 * {@link composite}. Its signature `serving_default` takes the inputs of the first and gives the outputs of the last.
 * Of the outputs in between only those that the next step takes are asked for.
 * @throws ServingError INVALID_ARGUMENT without steps. Loading fails with FAILED_PRECONDITION for a step whose inputs
 * the step before does not give, with the step and the input
 */
export function pipeline(steps: readonly PipelineStep[]): Loader<Predictor> {
  if (steps.length === 0) throw new ServingError("INVALID_ARGUMENT", "a pipeline needs at least one step");
  const parts = steps.map(({ name, version, label }, index): [string, Dependency] => [
    keyOf(index),
    { name, ...(version !== undefined && { version }), ...(label !== undefined && { label }) },
  ]);
  return composite({
    parts: Object.fromEntries(parts),
    signatures: (parts) => ({ [DEFAULT_SIGNATURE]: signatureOf(planOf(steps, parts)) }),
    // Planned anew, since another version of a part may take and give something else.
    run: async (parts, inputs, { outputs }) => runPlan(planOf(steps, parts), inputs, outputs),
  });
}

/** A name in the pipeline, the servable's own name for it, and what it is. */
interface Port {
  readonly outer: string;
  readonly inner: string;
  readonly spec: TensorSpec;
}

interface PlannedStep {
  readonly key: string;
  readonly part: Part;
  readonly signature: string;
  readonly takes: readonly Port[];
  readonly gives: readonly Port[];
}

async function runPlan(
  plan: readonly PlannedStep[],
  inputs: NamedTensors,
  wanted: readonly string[],
): Promise<NamedTensors> {
  let flow = inputs;
  for (const [index, { part, signature, takes, gives }] of plan.entries()) {
    const needed = plan[index + 1]?.takes.map(({ outer }) => outer) ?? wanted;
    const used = gives.filter(({ outer }) => needed.includes(outer));
    const taken = takes.map(({ outer, inner }) => [inner, flow[outer]] as const).filter(isGiven);
    const given = await part.predict(Object.fromEntries(taken), { signature, outputs: used.map(({ inner }) => inner) });
    flow = Object.fromEntries(used.map(({ outer, inner }) => [outer, given[inner]] as const).filter(isGiven));
  }
  return flow;
}

function isGiven<T>(entry: readonly [string, T | undefined]): entry is readonly [string, T] {
  return entry[1] !== undefined;
}

function planOf(steps: readonly PipelineStep[], parts: Readonly<Record<string, Part>>): readonly PlannedStep[] {
  const plan: PlannedStep[] = [];
  for (const [index, step] of steps.entries()) {
    const key = keyOf(index);
    const part = parts[key];
    if (part === undefined) throw new ServingError("INTERNAL", `${key} has no part`);
    const { signature = DEFAULT_SIGNATURE, inputs = {}, outputs = {} } = step;
    const called = Object.hasOwn(part.signatures, signature) ? part.signatures[signature] : undefined;
    if (called === undefined) {
      const there = Object.keys(part.signatures).join(", ");
      throw mismatch(key, `${step.name} has no signature ${signature}; it has ${there}`);
    }
    const takes = portsOf(`${key}: inputs`, called.inputs, inputs);
    const gives = portsOf(`${key}: outputs`, called.outputs, outputs);
    checkOnce(key, gives);
    const before = plan.at(-1);
    if (before === undefined) checkShared(key, takes);
    else for (const port of takes) checkFlow(key, port, before);
    plan.push({ key, part, signature, takes, gives });
  }
  return plan;
}

function portsOf(
  place: string,
  specs: Readonly<Record<string, TensorSpec>>,
  renamed: Readonly<Record<string, string>>,
): readonly Port[] {
  const unknown = Object.keys(renamed).find((name) => !Object.hasOwn(specs, name));
  if (unknown !== undefined) {
    throw mismatch(place, `there is no ${unknown} in the signature; there are ${Object.keys(specs).join(", ")}`);
  }
  return Object.entries(specs).map(([inner, { dtype, shape }]) => ({
    inner,
    outer: (Object.hasOwn(renamed, inner) ? renamed[inner] : undefined) ?? inner,
    spec: { dtype, shape },
  }));
}

/** What is handed on needs names of its own. */
function checkOnce(key: string, gives: readonly Port[]): void {
  for (const [index, { outer }] of gives.entries()) {
    if (gives.findIndex((port) => port.outer === outer) === index) continue;
    throw mismatch(key, `two outputs are handed on as ${outer}; rename one of them`);
  }
}

/** Inputs of the first step may come from one input of the pipeline, if they are the same. */
function checkShared(key: string, takes: readonly Port[]): void {
  for (const { outer, inner, spec } of takes) {
    const first = takes.find((port) => port.outer === outer);
    if (first === undefined || isSame(first.spec, spec)) continue;
    throw mismatch(key, `its inputs ${first.inner} and ${inner} differ and cannot both be ${outer}`);
  }
}

function checkFlow(key: string, { outer, spec }: Port, before: PlannedStep): void {
  const source = before.gives.find((port) => port.outer === outer);
  if (source === undefined) {
    const there = before.gives.map(({ outer }) => outer).join(", ");
    throw mismatch(
      key,
      `its input ${outer} does not come from ${before.key}, which gives ${there}; rename one of them`,
    );
  }
  if (source.spec.dtype === spec.dtype && mayFit(source.spec.shape, spec.shape)) return;
  throw mismatch(key, `its input ${outer} is ${written(spec)}, ${before.key} gives ${written(source.spec)}`);
}

function signatureOf(plan: readonly PlannedStep[]): Signature {
  const specs = (ports: readonly Port[] = []): Record<string, TensorSpec> =>
    Object.fromEntries(ports.map(({ outer, spec }) => [outer, spec]));
  return { inputs: specs(plan[0]?.takes), outputs: specs(plan.at(-1)?.gives), methodName: PREDICT_METHOD };
}

function isSame(one: TensorSpec, other: TensorSpec): boolean {
  return written(one) === written(other);
}

/** Whether a tensor of the one shape may be one of the other, as far as sizes are known. */
function mayFit(one: TensorSpec["shape"], other: TensorSpec["shape"]): boolean {
  if (one === undefined || other === undefined) return true;
  return (
    one.length === other.length && one.every((size, axis) => size === -1 || other[axis] === -1 || size === other[axis])
  );
}

function written({ dtype, shape }: TensorSpec): string {
  return `${dtype} ${shape === undefined ? "of any shape" : `[${shape.map((size) => (size === -1 ? "?" : size)).join(", ")}]`}`;
}

function keyOf(index: number): string {
  return `step ${index + 1}`;
}

function mismatch(place: string, message: string): ServingError {
  return new ServingError("FAILED_PRECONDITION", `${place}: ${message}`);
}
