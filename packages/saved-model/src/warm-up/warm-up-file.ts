import { SavedModelError } from "../saved-model-error.js";
import { callsOfLog, predictLogOf, type RecordedCall } from "./prediction-log.js";
import { recordFile, recordsOf } from "./records.js";

/** Where a SavedModel keeps the calls that warm it up. */
export const WARM_UP_FILE = "assets.extra/tf_serving_warmup_requests";

/** TensorFlow Serving refuses files with more. */
export const MAX_WARM_UP_RECORDS = 1_000;

/**
 * The calls of a version's warm-up file: TFRecords of serialized PredictionLogs. They are decoded one by one, so that
 * they do not all take memory at once.
 * @throws SavedModelError before the first call, INVALID_ARGUMENT for more than 1,000 records, DATA_LOSS for a file that
 * is damaged or in another format; then what `callsOfLog` throws
 */
export function warmUpCalls(file: Uint8Array): Iterable<RecordedCall> {
  const records: Uint8Array[] = [];
  for (const record of recordsOf(file, WARM_UP_FILE)) {
    if (records.push(record) <= MAX_WARM_UP_RECORDS) continue;
    const message = `${WARM_UP_FILE} has more than ${MAX_WARM_UP_RECORDS} records; keep those that matter`;
    throw new SavedModelError("INVALID_ARGUMENT", message);
  }
  return callsOf(records);
}

/**
 * The warm-up file that replays these calls as calls of predict, for TensorFlow Serving too.
 * @param model the name that the records give the model, which no one looks at
 * @throws SavedModelError INVALID_ARGUMENT for more than 1,000 calls
 */
export function warmUpFile(model: string, calls: readonly RecordedCall[]): Uint8Array {
  if (calls.length <= MAX_WARM_UP_RECORDS) return recordFile(calls.map((call) => predictLogOf(model, call)));
  const message = `a warm-up file takes ${MAX_WARM_UP_RECORDS} calls, not ${calls.length}`;
  throw new SavedModelError("INVALID_ARGUMENT", message);
}

function* callsOf(records: readonly Uint8Array[]): Generator<RecordedCall, void> {
  for (const [index, record] of records.entries()) yield* callsOfLog(record, `${WARM_UP_FILE}: record ${index}`);
}
