import { type Predictor, ServingError, type Signature, type Tensor } from "@servable/core";
import { type Observable, Subject } from "rxjs";
import { type BatchingOptions, type ResolvedOptions, resolveOptions } from "./batch-options.js";
import { type CallRequest, PendingCall, type Settle } from "./pending-call.js";
import { isBatchable, type Place, placesIn } from "./place-of.js";
import { type BatchOutcome, elementsOf, runAsItIs, runBatch, unpadded } from "./run-batch.js";
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

  const account = (run: Run<PendingCall>, calls: number, outcome: BatchOutcome): void => {
    const { lane, rows, reason, waitedMs, startMs } = run;
    const measured = { signature: lane.queue, calls, rows, reason, waitedMs, ...outcome };
    meter.count(measured);
    if (batches.observed) batches.next(reportOf(measured, scheduler.clock.now() - startMs));
  };

  const work = async (run: Run<PendingCall>): Promise<void> => {
    const { parts, lane } = run;
    const [first] = parts;
    const outcome =
      lane.alone && first !== undefined
        ? unpadded(0, await runAsItIs(predictor, first.request))
        : await runBatch(predictor, parts, batchRules);
    account(run, parts.length, outcome);
  };
  const desk = scheduler.join(rules, work);

  /** The way of most calls of a model that is not busy: what a queue would do for them is left out. */
  const runAtOnce = (call: PendingCall, run: Run<PendingCall>): void => {
    const end = (succeeded: boolean): void => {
      desk.end(run);
      account(run, 1, unpadded(run.lane.alone ? 0 : elementsOf(call.inputs), succeeded));
    };
    const succeed = (outputs: Record<string, Tensor>): void => {
      end(true);
      call.deliver(outputs, 0, call.rows);
    };
    const fail = (error: unknown): void => {
      end(false);
      call.fail(error);
    };
    meter.calls++;
    try {
      predictor.predict(call.inputs, call.options).then(succeed, fail);
    } catch (error) {
      fail(error);
    }
  };

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
        const call = callOf({ inputs, options: given, rows: place.rows }, { meter, name }, { resolve, reject });
        const run = desk.startAtOnce(place);
        if (run === undefined) submit(call, place, { desk, meter, name });
        else runAtOnce(call, run);
      }),
    [Symbol.asyncDispose]: () => (closed ??= close()),
  };
}

interface Counter {
  readonly meter: Meter;
  readonly name: string;
}

/** A call, which its signal ends. */
function callOf(request: CallRequest, { meter, name }: Counter, ends: Settle): PendingCall {
  const { signal } = request.options;
  if (signal === undefined) return new PendingCall(request, ends);
  const call = new PendingCall(request, {
    resolve: (outputs) => {
      signal.removeEventListener("abort", abort);
      ends.resolve(outputs);
    },
    reject: (error) => {
      signal.removeEventListener("abort", abort);
      ends.reject(error);
    },
  });
  const abort = (): void => {
    meter.cancelled++;
    call.cancel();
    call.fail(aborted(name, signal));
  };
  signal.addEventListener("abort", abort, { once: true });
  return call;
}

interface Desk extends Counter {
  readonly desk: SchedulerDesk;
}

/** Queues a call. */
function submit(call: PendingCall, { rows, queue, lane }: Place, { desk, meter, name }: Desk): void {
  const ticket = desk.offer({ request: call, rows, queue, lane });
  if (ticket !== undefined) {
    meter.calls++;
    call.cancel = () => desk.cancel(ticket);
    return;
  }
  meter.refused++;
  const why = "too many calls wait; try again later, or raise maxEnqueuedBatches";
  call.fail(new ServingError("RESOURCE_EXHAUSTED", `${name}, signature ${queue}: ${why}`));
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
