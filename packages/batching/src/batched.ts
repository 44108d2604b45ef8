import {
  type NamedTensors,
  type PredictOptions,
  type Predictor,
  ServingError,
  type Signature,
  type Tensor,
} from "@servable/core";
import { type Observable, Subject } from "rxjs";
import { type BatchingOptions, type ResolvedOptions, resolveOptions } from "./batch-options.js";
import { PendingCall } from "./pending-call.js";
import { isBatchable, type Place, placesIn } from "./place-of.js";
import { runAsItIs, runBatch } from "./run-batch.js";
import type { Run } from "./schedule/member.js";
import { batchScheduler, type SchedulerDesk } from "./scheduler.js";
import { type BatchingStatistics, type BatchReport, Meter, reportOf } from "./statistics.js";

/** A predictor whose calls are run together. Its disposal runs what waits, and then takes no more. */
export interface BatchedPredictor extends Predictor, AsyncDisposable {
  readonly concurrency: number;
  /** Tells of every run when it has ended; completes with the disposal. Hot. */
  readonly batches$: Observable<BatchReport>;
  /** What batching has done so far. */
  statistics(): BatchingStatistics;
}

/**
 * Puts calls of a predictor together: calls of one signature, for the same outputs and with inputs of compatible shapes
 * are joined along dimension 0, run once, and each gets its own rows back. A call alone waits for nothing. Each call
 * keeps its own signal; one whose inputs do not fit its signature is run alone, and so fails alone.
 *
 * `predict` throws what the predictor throws, and also RESOURCE_EXHAUSTED at once when the queue is full,
 * INVALID_ARGUMENT for a call of more than `maxBatchSize` rows that may not be split, FAILED_PRECONDITION for an output
 * that turns out to have no batch dimension, and NOT_AVAILABLE after the disposal.
 * @throws ServingError INVALID_ARGUMENT for a bad option, FAILED_PRECONDITION for a predictor without a batch dimension
 * @throws RangeError if `predictor.concurrency` is less than 1
 */
export function batched(predictor: Predictor, options: BatchingOptions = {}): BatchedPredictor {
  const resolved = resolveOptions(options, predictor.concurrency);
  const { name, rules, padVariableLengthInputs } = resolved;
  checkBatchable(predictor.signatures, resolved);
  const { scheduler = batchScheduler({ maxRunsInFlight: Number.POSITIVE_INFINITY }) } = options;
  const meter = new Meter();
  const batches = new Subject<BatchReport>();
  const { signatures } = predictor;
  const placeOf = placesIn(signatures, padVariableLengthInputs);
  const batchRules = { name, allowedBatchSizes: rules.allowedBatchSizes, isolateFailures: resolved.isolateFailures };
  let closed: Promise<void> | undefined;

  const work = async ({ parts, rows, reason, startMs, waitedMs, lane }: Run<PendingCall>): Promise<void> => {
    const [first] = parts;
    const alone = { paddingRows: 0, elements: 0, paddingElements: 0 };
    const outcome =
      lane.alone && first !== undefined
        ? { ...alone, failed: !(await runAsItIs(predictor, first.request)) }
        : await runBatch(predictor, parts, batchRules);
    const run = { signature: lane.queue, calls: parts.length, rows, reason, waitedMs, ...outcome };
    meter.count(run);
    if (batches.observed) batches.next(reportOf(run, scheduler.clock.now() - startMs));
  };
  const desk = scheduler.join(rules, work);

  const close = async (): Promise<void> => {
    await desk.drain();
    batches.complete();
  };

  return {
    signatures,
    // While the engine is busy, calls for its next runs are worth having.
    concurrency: rules.maxRuns * rules.maxBatchSize,
    batches$: batches.asObservable(),
    statistics: () => meter.statistics({ running: desk.running, waitingRows: desk.waitingRows }),
    predict: (inputs, given = {}) =>
      new Promise((resolve, reject) => {
        if (given.signal?.aborted === true) throw aborted(name, given.signal);
        if (closed !== undefined) throw new ServingError("NOT_AVAILABLE", `${name}: it is being unloaded`);
        const place = placeOf({ inputs, options: given });
        checkSize(place, resolved);
        const call = { inputs, options: given, place };
        submit(call, { desk, meter, name }, { resolve, reject });
      }),
    [Symbol.asyncDispose]: () => (closed ??= close()),
  };
}

interface Submission {
  readonly inputs: NamedTensors;
  readonly options: PredictOptions;
  readonly place: Place;
}

interface Counter {
  readonly desk: SchedulerDesk;
  readonly meter: Meter;
  readonly name: string;
}

interface Ends {
  readonly resolve: (outputs: Record<string, Tensor>) => void;
  readonly reject: (error: unknown) => void;
}

/** Queues a call; its signal takes it out again. */
function submit({ inputs, options, place }: Submission, { desk, meter, name }: Counter, ends: Ends): void {
  const { signal } = options;
  let forget = (): void => {};
  const call = new PendingCall(
    { inputs, options, rows: place.rows },
    {
      resolve: (outputs) => {
        forget();
        ends.resolve(outputs);
      },
      reject: (error) => {
        forget();
        ends.reject(error);
      },
    },
  );
  const ticket = desk.offer({ request: call, rows: place.rows, queue: place.queue, lane: place.lane });
  if (ticket === undefined) {
    meter.refused++;
    const why = "too many calls wait; try again later, or raise maxEnqueuedBatches";
    throw new ServingError("RESOURCE_EXHAUSTED", `${name}, signature ${place.queue}: ${why}`);
  }
  meter.calls++;
  if (signal === undefined) return;
  const abort = (): void => {
    meter.cancelled++;
    desk.cancel(ticket);
    call.fail(aborted(name, signal));
  };
  signal.addEventListener("abort", abort, { once: true });
  forget = () => signal.removeEventListener("abort", abort);
}

function checkBatchable(
  signatures: Readonly<Record<string, Signature>>,
  { name, withoutBatchDimension }: ResolvedOptions,
): void {
  if (withoutBatchDimension === "pass" || Object.values(signatures).some(isBatchable)) return;
  throw new ServingError(
    "FAILED_PRECONDITION",
    `${name}: no signature declares a batch dimension, a first size that is left open in all inputs and outputs; ` +
      'serve it without batching, or give withoutBatchDimension: "pass"',
  );
}

function checkSize({ rows, lane }: Place, { name, rules }: ResolvedOptions): void {
  const { maxBatchSize, maxQueuedRows, splits } = rules;
  if (lane === undefined || rows <= (splits ? maxQueuedRows : maxBatchSize)) return;
  const wayOut = splits ? "send fewer at a time" : "send fewer at a time, or set enableLargeBatchSplitting";
  const most = splits ? `the queue has room for ${maxQueuedRows}` : `maxBatchSize is ${maxBatchSize}`;
  throw new ServingError("INVALID_ARGUMENT", `${name}: a call of ${rows} rows is too large, ${most}; ${wayOut}`);
}

function aborted(name: string, { reason }: AbortSignal): ServingError {
  const isTimeout = reason instanceof Error && reason.name === "TimeoutError";
  return ServingError.from(reason, isTimeout ? "DEADLINE_EXCEEDED" : "CANCELLED", name);
}
