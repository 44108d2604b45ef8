import { ServingError } from "@servable/core";
import type { MemberRules, Priority } from "./schedule/member.js";
import type { BatchScheduler } from "./scheduler.js";

/** Options of batching, in the words of TensorFlow Serving. */
export interface BatchingOptions {
  /** The name that errors begin with. @defaultValue "the model"; with `withBatching` the version's */
  readonly name?: string;
  /** Rows of one run at most. @defaultValue the last of `allowedBatchSizes`, else 1_000 */
  readonly maxBatchSize?: number;
  /**
   * How long a run that is not full waits for more calls, in milliseconds, from its first call on. Without it batching
   * is adaptive: nothing waits while the engine is free. @defaultValue none
   */
  readonly batchTimeoutMs?: number;
  /**
   * How long a run should take at most, in milliseconds: it gets as many rows as have been measured to take so long.
   * Only of adaptive batching. @defaultValue 50
   */
  readonly targetLatencyMs?: number;
  /** How many times `maxBatchSize` rows of one signature may wait; more calls fail at once. @defaultValue 10 */
  readonly maxEnqueuedBatches?: number;
  /**
   * Sizes that runs are padded to with repeated rows, rising, the last being `maxBatchSize`: for engines that prepare
   * something for each size. @defaultValue none: runs are as large as they are
   */
  readonly allowedBatchSizes?: readonly number[];
  /**
   * Whether calls whose inputs differ in sizes that the signature leaves open are run together, each input being filled
   * up with its own first element. Outputs keep the padded sizes. @defaultValue false
   */
  readonly padVariableLengthInputs?: boolean;
  /** Whether a call of more than `maxBatchSize` rows is run in parts; without, it is refused. @defaultValue false */
  readonly enableLargeBatchSplitting?: boolean;
  /** Runs in flight at once. @defaultValue the predictor's `concurrency`, else 1 */
  readonly numBatchThreads?: number;
  /** Whether the calls of a run that failed are run again, one by one. @defaultValue false */
  readonly isolateFailures?: boolean;
  /**
   * What becomes of a predictor that declares a batch dimension in none of its signatures: an error, or every call runs
   * alone. Of a predictor that has both kinds, signatures without one always run call by call. @defaultValue "refuse"
   */
  readonly withoutBatchDimension?: "refuse" | "pass";
  /** Shares runs with other predictors. @defaultValue one of its own, with no limit but `numBatchThreads` */
  readonly scheduler?: BatchScheduler;
  /** Its share of the scheduler's time against others of its priority. @defaultValue 1 */
  readonly weight?: number;
  /** Bulk predictors get what interactive ones of the same scheduler leave. @defaultValue "interactive" */
  readonly priority?: Priority;
}

/** {@link BatchingOptions} with their defaults. */
export interface ResolvedOptions {
  readonly name: string;
  readonly padVariableLengthInputs: boolean;
  readonly isolateFailures: boolean;
  readonly withoutBatchDimension: "refuse" | "pass";
  readonly rules: MemberRules;
}

/**
 * Fills in defaults and checks.
 * @throws ServingError INVALID_ARGUMENT for an option out of its range
 */
export function resolveOptions(options: BatchingOptions, concurrency = 1): ResolvedOptions {
  const { name = "the model", allowedBatchSizes = [], numBatchThreads = concurrency, weight = 1 } = options;
  const { maxBatchSize = allowedBatchSizes.at(-1) ?? 1_000, maxEnqueuedBatches = 10 } = options;
  const { batchTimeoutMs, targetLatencyMs = batchTimeoutMs === undefined ? 50 : undefined } = options;
  const { padVariableLengthInputs = false, enableLargeBatchSplitting: splits = false } = options;
  const { isolateFailures = false, withoutBatchDimension = "refuse", priority = "interactive" } = options;
  const invalid = (text: string): ServingError => new ServingError("INVALID_ARGUMENT", `${name}: ${text}`);
  for (const [option, value] of Object.entries({ maxBatchSize, maxEnqueuedBatches })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw invalid(`${option} must be an integer from 1 on, got ${value}`);
  }
  if (!(numBatchThreads >= 1)) throw invalid(`numBatchThreads must be at least 1, got ${numBatchThreads}`);
  if (!(weight > 0 && weight < Number.POSITIVE_INFINITY)) throw invalid(`weight must be more than 0, got ${weight}`);
  if (batchTimeoutMs !== undefined && !(batchTimeoutMs >= 0 && batchTimeoutMs <= LONGEST_TIMEOUT_MS))
    throw invalid(`batchTimeoutMs must be from 0 to ${LONGEST_TIMEOUT_MS}, got ${batchTimeoutMs}`);
  if (targetLatencyMs !== undefined && !(targetLatencyMs > 0))
    throw invalid(`targetLatencyMs must be more than 0, got ${targetLatencyMs}`);
  if (batchTimeoutMs !== undefined && targetLatencyMs !== undefined)
    throw invalid("targetLatencyMs is of adaptive batching, which batchTimeoutMs switches off; give one of them");
  checkSizes(allowedBatchSizes, maxBatchSize, invalid);
  const maxQueuedRows = maxEnqueuedBatches * maxBatchSize;
  return {
    name,
    padVariableLengthInputs,
    isolateFailures,
    withoutBatchDimension,
    rules: {
      maxBatchSize,
      allowedBatchSizes,
      targetLatencyMs,
      timeoutMs: batchTimeoutMs ?? 0,
      maxRuns: numBatchThreads,
      maxQueuedRows,
      splits,
      weight,
      priority,
    },
  };
}

/** A day: whoever means longer means something else. */
const LONGEST_TIMEOUT_MS = 86_400_000;

function checkSizes(sizes: readonly number[], maxBatchSize: number, invalid: (text: string) => ServingError): void {
  const listed = `[${sizes.join(", ")}]`;
  const rises = sizes.every((size, index) => Number.isSafeInteger(size) && size > (sizes[index - 1] ?? 0));
  if (!rises) throw invalid(`allowedBatchSizes must be rising integers from 1 on, got ${listed}`);
  if (sizes.length > 0 && sizes.at(-1) !== maxBatchSize)
    throw invalid(`the last of allowedBatchSizes must be maxBatchSize, ${maxBatchSize}, got ${listed}`);
}
