import { Lane, type Part } from "./lane.js";
import { RunTime } from "./run-time.js";
import { evenShare, paddedSize, type SizeRule, sizeLimit } from "./size-rule.js";

/** Whether calls are waited for by someone, or are to get done some time. */
export type Priority = "interactive" | "bulk";

/** How the requests of one predictor become runs. */
export interface MemberRules extends SizeRule {
  /** Runs in flight at once. */
  readonly maxRuns: number;
  /** How long a run that is not full waits for more, from its first request on. */
  readonly timeoutMs: number;
  /** Rows of one queue that may wait. */
  readonly maxQueuedRows: number;
  /** Whether a request may be run in parts. */
  readonly splits: boolean;
  readonly weight: number;
  readonly priority: Priority;
}

/** Why a run went when it did. */
export type DispatchReason =
  /** Nothing had to be waited for. */
  | "free"
  /** It had as many rows as a run should have. */
  | "full"
  /** Its first request had waited for `timeoutMs`. */
  | "timeout"
  /** The predictor is being closed. */
  | "closing"
  /** It cannot be put together with others. */
  | "alone";

/** Requests that are run together. */
export interface Run<R> {
  readonly member: Member<R>;
  readonly lane: WaitingLane<R>;
  readonly parts: readonly Part<R>[];
  readonly rows: number;
  readonly reason: DispatchReason;
  readonly startMs: number;
  /** How long its oldest request has waited. */
  readonly waitedMs: number;
  /** What it was expected to take, which the member has been charged. */
  readonly expectedMs: number;
}

/** A lane with what is known of it. */
export interface WaitingLane<R> {
  /** The queue whose room it takes. */
  readonly queue: string;
  /** Whether each of its requests is run alone. */
  readonly alone: boolean;
  readonly waiting: Lane<R>;
  /** What its runs have taken. */
  readonly learned: RunTime;
}

/** A lane that has a run to give. */
export interface ReadyLane<R> {
  readonly lane: WaitingLane<R>;
  readonly reason: DispatchReason;
  /** The rows that the run should have at most. */
  readonly limit: number;
}

/** Lanes that are remembered while nothing waits in them, for what is known of their runs. */
const REMEMBERED = 256;

/** The requests of one predictor that wait, and what is known of its runs. */
export class Member<R> {
  /** Lanes in which something waits; the first has its turn next. */
  readonly turns: WaitingLane<R>[] = [];
  /** Rows that wait, by queue. */
  readonly queued: Map<string, number> = new Map();
  /** Milliseconds of runs that it has had, over its weight; the member with the least goes first. */
  served = 0;
  running = 0;
  closing = false;
  /** When it last had a run. */
  lastRunMs: number = Number.NEGATIVE_INFINITY;
  readonly #lanes = new Map<string, WaitingLane<R>>();

  readonly rules: MemberRules;

  constructor(rules: MemberRules) {
    this.rules = rules;
  }

  /** The lane of a key; undefined makes one for a request that is run alone. */
  laneOf(key: string | undefined, queue: string): WaitingLane<R> {
    const found = key === undefined ? undefined : this.#lanes.get(key);
    if (found !== undefined) return found;
    const lane = { queue, alone: key === undefined, waiting: new Lane<R>(), learned: new RunTime() };
    if (key === undefined) return lane;
    this.#forget();
    this.#lanes.set(key, lane);
    return lane;
  }

  /** The first lane that has a run to give; undefined while all wait for more. */
  ready(nowMs: number, freeRuns: number): ReadyLane<R> | undefined {
    const { maxRuns, targetLatencyMs } = this.rules;
    for (const lane of this.turns) {
      const most = lane.alone ? 1 : sizeLimit(this.rules, lane.learned);
      const reason = this.#reasonFor(lane, most, nowMs);
      if (reason === undefined) continue;
      const isAdaptive = targetLatencyMs !== undefined && !lane.alone;
      const share = evenShare(lane.waiting.rows, Math.min(freeRuns, maxRuns - this.running));
      return { lane, reason, limit: isAdaptive ? Math.min(most, paddedSize(this.rules, share)) : most };
    }
    return undefined;
  }

  /** Why a request of so many rows may make a run of its own without a look at the queue; undefined if it may not. */
  reasonAtOnce({ alone, learned }: WaitingLane<R>, rows: number): DispatchReason | undefined {
    if (alone) return "alone";
    const { rules } = this;
    if (rules.timeoutMs > 0 || rows > rules.maxBatchSize || paddedSize(rules, rows) !== rows) return undefined;
    return rows >= sizeLimit(rules, learned) ? "full" : "free";
  }

  /** When the first of its lanes will have waited long enough. */
  get dueMs(): number {
    let due = Number.POSITIVE_INFINITY;
    if (this.rules.timeoutMs === 0) return due;
    for (const { waiting } of this.turns) due = Math.min(due, (waiting.oldestMs ?? due) + this.rules.timeoutMs);
    return due;
  }

  #reasonFor({ waiting, alone }: WaitingLane<R>, limit: number, nowMs: number): DispatchReason | undefined {
    if (alone) return "alone";
    if (waiting.rows >= limit) return "full";
    if (this.closing) return "closing";
    if (this.rules.timeoutMs === 0) return "free";
    return nowMs >= (waiting.oldestMs ?? nowMs) + this.rules.timeoutMs ? "timeout" : undefined;
  }

  /** Forgets the lanes that have been known for the longest and are empty; one that comes back is learned again. */
  #forget(): void {
    for (const [key, { waiting }] of this.#lanes) {
      if (this.#lanes.size <= REMEMBERED) return;
      if (waiting.rows === 0) this.#lanes.delete(key);
    }
  }
}
