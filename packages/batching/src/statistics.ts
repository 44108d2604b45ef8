import type { DispatchReason } from "./schedule/member.js";

/** One run, as it is told of when it has ended. */
export interface BatchReport {
  readonly signature: string;
  /** Calls that it answered, in whole or in part. */
  readonly calls: number;
  /** Rows of those calls. */
  readonly rows: number;
  /** Rows that were added to make an allowed batch size. */
  readonly paddingRows: number;
  /** Which part of the inputs' elements was padding, from 0 to 1: added rows, and inputs filled up to one length. */
  readonly paddingShare: number;
  /** Why it went when it did. */
  readonly reason: DispatchReason;
  /** How long its oldest call had waited. */
  readonly waitedMs: number;
  readonly tookMs: number;
  readonly failed: boolean;
}

/** Counts by upper bound, which are powers of two: `{ 1: 3, 4: 1 }` for 1, 0.5, 1 and 3. */
export type Counts = Readonly<Record<number, number>>;

/** What batching has done since it began. */
export interface BatchingStatistics {
  /** Calls taken in. */
  readonly calls: number;
  /** Calls refused since the queue was full. */
  readonly refused: number;
  /** Calls whose signal aborted before they were answered. */
  readonly cancelled: number;
  readonly runs: number;
  readonly failedRuns: number;
  /** Runs by their rows, without padding. */
  readonly rowsPerRun: Counts;
  readonly rows: number;
  readonly paddingRows: number;
  /** Which part of all inputs' elements was padding, from 0 to 1. */
  readonly paddingShare: number;
  /** Runs by how long the oldest call of each had waited, in milliseconds. */
  readonly queueDelayMs: Counts;
  readonly longestQueueDelayMs: number;
  /** Runs by why they went when they did. */
  readonly reasons: Readonly<Record<DispatchReason, number>>;
  /** Runs in flight now. */
  readonly running: number;
  /** Rows that wait now. */
  readonly waitingRows: number;
}

/** A run with the elements of its inputs. */
export interface MeasuredRun extends Omit<BatchReport, "paddingShare" | "tookMs"> {
  readonly elements: number;
  readonly paddingElements: number;
}

/** Sums up runs. */
export class Meter {
  calls = 0;
  refused = 0;
  cancelled = 0;
  #runs = 0;
  #failedRuns = 0;
  #rows = 0;
  #paddingRows = 0;
  #elements = 0;
  #paddingElements = 0;
  #longestMs = 0;
  readonly #rowsPerRun: Record<number, number> = {};
  readonly #delays: Record<number, number> = {};
  readonly #reasons: Record<DispatchReason, number> = { free: 0, full: 0, timeout: 0, closing: 0, alone: 0 };

  count(run: MeasuredRun): void {
    this.#runs++;
    if (run.failed) this.#failedRuns++;
    this.#rows += run.rows;
    this.#paddingRows += run.paddingRows;
    this.#elements += run.elements;
    this.#paddingElements += run.paddingElements;
    this.#longestMs = Math.max(this.#longestMs, run.waitedMs);
    this.#reasons[run.reason]++;
    increment(this.#rowsPerRun, run.rows);
    increment(this.#delays, run.waitedMs);
  }

  statistics(now: Pick<BatchingStatistics, "running" | "waitingRows">): BatchingStatistics {
    return {
      calls: this.calls,
      refused: this.refused,
      cancelled: this.cancelled,
      runs: this.#runs,
      failedRuns: this.#failedRuns,
      rowsPerRun: { ...this.#rowsPerRun },
      rows: this.#rows,
      paddingRows: this.#paddingRows,
      paddingShare: shareOf(this.#paddingElements, this.#elements),
      queueDelayMs: { ...this.#delays },
      longestQueueDelayMs: this.#longestMs,
      reasons: { ...this.#reasons },
      ...now,
    };
  }
}

/** A run as it is told of. */
export function reportOf({ elements, paddingElements, ...run }: MeasuredRun, tookMs: number): BatchReport {
  return { ...run, tookMs, paddingShare: shareOf(paddingElements, elements) };
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function increment(counts: Record<number, number>, value: number): void {
  let bound = 1;
  while (bound < value) bound *= 2;
  counts[bound] = (counts[bound] ?? 0) + 1;
}
