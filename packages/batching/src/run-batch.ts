import { type NamedTensors, type PredictOptions, type Predictor, ServingError, type Tensor } from "@servable/core";
import { mergeInputs } from "./merge-inputs.js";
import type { PendingCall } from "./pending-call.js";
import { sliceRows } from "./rows/concat-rows.js";
import type { Part } from "./schedule/lane.js";
import { paddedSize } from "./schedule/size-rule.js";

/** How a batch is run. */
export interface BatchRules {
  /** The name that errors begin with. */
  readonly name: string;
  readonly allowedBatchSizes: readonly number[];
  readonly isolateFailures: boolean;
}

/** What became of a batch. */
export interface BatchOutcome {
  readonly paddingRows: number;
  readonly elements: number;
  readonly paddingElements: number;
  readonly failed: boolean;
}

/** The outcome of a call that went as it came. */
export function unpadded(elements: number, succeeded: boolean): BatchOutcome {
  return { paddingRows: 0, elements, paddingElements: 0, failed: !succeeded };
}

/** Runs calls together and settles each of them, or their parts. Never fails. */
export async function runBatch(
  predictor: Predictor,
  parts: readonly Part<PendingCall>[],
  rules: BatchRules,
): Promise<BatchOutcome> {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const size = paddedSize(rules, rows);
  const [only] = parts;
  if (only !== undefined && parts.length === 1 && only.rows === only.request.rows && size === rows) {
    return unpadded(elementsOf(only.request.inputs), await runAsItIs(predictor, only.request));
  }
  let [elements, paddingElements] = [0, 0];
  try {
    const merged = mergeInputs(parts, size);
    ({ elements, paddingElements } = merged);
    const outputs = await predictor.predict(merged.inputs, optionsFor(parts));
    deliver(outputs, parts, { size, name: rules.name });
    return { paddingRows: size - rows, elements, paddingElements, failed: false };
  } catch (error) {
    const waiting = parts.filter(({ request }) => !request.settled);
    if (rules.isolateFailures && parts.length > 1) {
      for (const part of waiting) if (!part.request.settled) await runBatch(predictor, [part], rules);
    } else {
      for (const { request } of waiting) request.fail(error);
    }
    return { paddingRows: size - rows, elements, paddingElements, failed: true };
  }
}

/** Runs a call as it came; gives whether it succeeded. Never fails. */
export async function runAsItIs(predictor: Predictor, call: PendingCall): Promise<boolean> {
  try {
    call.deliver(await predictor.predict(call.inputs, call.options), 0, call.rows);
    return true;
  } catch (error) {
    call.fail(error);
    return false;
  }
}

/** Elements of all inputs together. */
export function elementsOf(inputs: NamedTensors): number {
  let elements = 0;
  for (const name in inputs) elements += inputs[name]?.data.length ?? 0;
  return elements;
}

/** A run stops when all of its calls are aborted. */
function optionsFor(parts: readonly Part<PendingCall>[]): PredictOptions {
  const { signal: first, ...options } = parts[0]?.request.options ?? {};
  const signals = parts.flatMap(({ request }) => request.options.signal ?? []);
  if (first === undefined || signals.length < parts.length) return options;
  return { ...options, signal: parts.length === 1 ? first : allOf(signals) };
}

function allOf(signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  let left = signals.length;
  for (const signal of signals) {
    const abort = (): void => {
      if (--left === 0) controller.abort(signal.reason);
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  }
  return controller.signal;
}

interface Ran {
  /** Rows of the run with its padding. */
  readonly size: number;
  readonly name: string;
}

/** Hands each call its rows. */
function deliver(outputs: Record<string, Tensor>, parts: readonly Part<PendingCall>[], { size, name }: Ran): void {
  const [only] = parts;
  if (only !== undefined && parts.length === 1 && only.rows === size) {
    only.request.deliver(outputs, only.start, only.rows);
    return;
  }
  for (const [output, { shape }] of Object.entries(outputs)) checkRows(output, shape, { size, name });
  let from = 0;
  for (const { request, start, rows } of parts) {
    request.deliver(rowsOf(outputs, from, rows), start, rows);
    from += rows;
  }
}

function checkRows(output: string, shape: readonly number[], { size, name }: Ran): void {
  if (shape[0] === size) return;
  throw new ServingError(
    "FAILED_PRECONDITION",
    `${name}: output ${output} has shape [${shape.join(", ")}] after a batch of ${size}, so that it cannot be split; ` +
      "serve this model without batching, or call this output alone",
  );
}

function rowsOf(outputs: NamedTensors, from: number, rows: number): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, sliceRows(tensor, from, rows)]));
}
