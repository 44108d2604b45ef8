import type { RunTime } from "./run-time.js";

/** How many rows the runs of a predictor may have. */
export interface SizeRule {
  /** Rows that a run can have. */
  readonly maxBatchSize: number;
  /** Sizes that runs are padded to, rising, the last being `maxBatchSize`; none leaves runs as they are. */
  readonly allowedBatchSizes: readonly number[];
  /** How long a run should take at most, in milliseconds; undefined for as long as it wants. */
  readonly targetLatencyMs: number | undefined;
}

/**
 * The rows that the next run should have at most. With a goal for its time that is what is expected to meet the goal, or
 * to take twice as long as a single row if that is longer, since a goal that no run can meet must not forbid batches;
 * and at most double of what has been measured.
 */
export function sizeLimit({ maxBatchSize, allowedBatchSizes, targetLatencyMs }: SizeRule, learned: RunTime): number {
  if (targetLatencyMs === undefined) return maxBatchSize;
  if (learned.largest === 0) return 1;
  const goalMs = Math.max(targetLatencyMs, 2 * learned.expect(1));
  const limit = Math.max(1, Math.min(maxBatchSize, 2 * learned.largest, learned.rowsWithin(goalMs)));
  return allowedBatchSizes.findLast((size) => size <= limit) ?? limit;
}

/**
 * The rows that the next run takes of those that wait while several runs are free: they are shared evenly. A crowd that
 * was answered at once comes back at once, and as a single run it would leave the rest of the engine idle for ever.
 */
export function evenShare(waiting: number, freeRuns: number): number {
  return Math.ceil(waiting / Math.max(1, freeRuns));
}

/** The size that a run of so many rows is padded to. */
export function paddedSize({ allowedBatchSizes }: Pick<SizeRule, "allowedBatchSizes">, rows: number): number {
  return allowedBatchSizes.find((size) => size >= rows) ?? rows;
}
