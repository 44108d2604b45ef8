import type { Entry } from "./lane.js";
import { Member, type MemberRules, type ReadyLane, type Run, type WaitingLane } from "./member.js";

/** Limits of a {@link Schedule}. */
export interface ScheduleLimits {
  /** Runs in flight at once, of all members. */
  readonly maxRuns: number;
  /** A bulk member that has had no run for so long goes first once, before interactive ones. */
  readonly bulkWaitMs: number;
}

/** A request as it comes. */
export interface Arrival<R> extends Wanted {
  readonly request: R;
}

/** What a request wants. */
export interface Wanted {
  readonly rows: number;
  /** The queue whose room it takes: a signature. */
  readonly queue: string;
  /** What it may be run together with; undefined runs it alone. */
  readonly lane: string | undefined;
}

/** A request that has been taken in, and where it waits. */
export interface Ticket<R> {
  readonly entry: Entry<R>;
  readonly lane: WaitingLane<R>;
}

/**
 * Decides which requests are run together, and when: without a clock, a promise or a predictor. It is told what
 * happens, and asked with `next` what to run now until there is nothing more.
 *
 * Members are served by weighted fair queueing: of those that have a run to give, the one that has had the least time
 * of runs over its weight goes first, and one that comes back after a rest is not paid for it. Interactive members go
 * before bulk ones. Within a member its lanes have their turns, and within a lane who came first goes first.
 */
export class Schedule<R> {
  readonly #members = new Set<Member<R>>();
  readonly #limits: ScheduleLimits;
  #running = 0;
  /** What the member that was last chosen had been served. */
  #served = 0;

  constructor(limits: ScheduleLimits) {
    this.#limits = limits;
  }

  /** Runs in flight. */
  get running(): number {
    return this.#running;
  }

  /** Whether something waits. */
  get isWaiting(): boolean {
    for (const { turns } of this.#members) if (turns.length > 0) return true;
    return false;
  }

  join(rules: MemberRules): Member<R> {
    const member = new Member<R>(rules);
    this.#members.add(member);
    return member;
  }

  /** Takes a request in; undefined if its queue has no room for it. */
  request(member: Member<R>, arrival: Arrival<R>, nowMs: number): Ticket<R> | undefined {
    const { queue, request, rows } = arrival;
    const queued = member.queued.get(queue) ?? 0;
    if (queued + rows > member.rules.maxQueuedRows) return undefined;
    this.#comeBack(member);
    const entry = { request, rows, sinceMs: nowMs, taken: 0 };
    const lane = member.laneOf(arrival.lane, queue);
    if (lane.waiting.rows === 0) member.turns.push(lane);
    lane.waiting.push(entry);
    member.queued.set(queue, queued + rows);
    return { entry, lane };
  }

  /**
   * The run of a request that goes at once, which counts as running from here on: as `request` and then `next` would
   * have it where nothing waits and a run is free, without the queue. Undefined if it has to be queued.
   */
  startAtOnce(member: Member<R>, { rows, queue, lane: key }: Wanted, nowMs: number): Run<R> | undefined {
    const { maxRuns, maxQueuedRows } = member.rules;
    if (this.#running >= this.#limits.maxRuns || member.running >= maxRuns) return undefined;
    if (rows > maxQueuedRows || this.isWaiting) return undefined;
    const lane = member.laneOf(key, queue);
    const reason = member.reasonAtOnce(lane, rows);
    if (reason === undefined) return undefined;
    this.#comeBack(member);
    return this.#begin({ member, lane, reason, parts: [], rows, waitedMs: 0 }, nowMs);
  }

  /** Takes a request out again; what runs have taken of it goes on. */
  cancel(member: Member<R>, { entry, lane }: Ticket<R>): void {
    const left = lane.waiting.remove(entry);
    this.#left(member, lane, left);
    if (left > 0 && lane.waiting.rows === 0) member.turns.splice(member.turns.indexOf(lane), 1);
  }

  /** Notes that a run has ended. */
  end({ member, lane, rows, startMs, expectedMs }: Run<R>, nowMs: number): void {
    const tookMs = Math.max(0, nowMs - startMs);
    this.#running--;
    member.running--;
    member.served += (tookMs - expectedMs) / member.rules.weight;
    lane.learned.learn(rows, tookMs);
  }

  /** From now on nothing of the member waits for more. */
  close(member: Member<R>): void {
    member.closing = true;
  }

  /** Forgets a member that has nothing left. */
  leave(member: Member<R>): void {
    this.#members.delete(member);
  }

  /** The next run to start now, which counts as running from here on; undefined if there is none. */
  next(nowMs: number): Run<R> | undefined {
    if (this.#running >= this.#limits.maxRuns) return undefined;
    let best: Choice<R> | undefined;
    for (const member of this.#members) {
      if (member.turns.length === 0 || member.running >= member.rules.maxRuns) continue;
      const ready = member.ready(nowMs, this.#limits.maxRuns - this.#running);
      if (ready === undefined) continue;
      const choice = { member, ...ready, rank: this.#rankOf(member, ready.lane, nowMs) };
      if (best === undefined || isBefore(choice, best)) best = choice;
    }
    return best === undefined ? undefined : this.#start(best, nowMs);
  }

  /** When to ask again although nothing has happened; undefined if that is not needed. */
  get wakeMs(): number | undefined {
    if (this.#running >= this.#limits.maxRuns) return undefined;
    let wake = Number.POSITIVE_INFINITY;
    for (const member of this.#members) {
      if (member.running < member.rules.maxRuns) wake = Math.min(wake, member.dueMs);
    }
    return wake === Number.POSITIVE_INFINITY ? undefined : wake;
  }

  #left(member: Member<R>, { queue }: WaitingLane<R>, rows: number): void {
    member.queued.set(queue, (member.queued.get(queue) ?? 0) - rows);
  }

  #rankOf({ rules, lastRunMs }: Member<R>, { waiting }: WaitingLane<R>, nowMs: number): number {
    if (rules.priority === "interactive") return 1;
    const sinceMs = Math.max(lastRunMs, waiting.oldestMs ?? nowMs);
    return nowMs - sinceMs >= this.#limits.bulkWaitMs ? 0 : 2;
  }

  #start({ member, lane, reason, limit }: Choice<R>, nowMs: number): Run<R> {
    const { rules } = member;
    const waitedMs = nowMs - (lane.waiting.oldestMs ?? nowMs);
    const splitAt = rules.splits && !lane.alone ? rules.maxBatchSize : undefined;
    const parts = lane.waiting.take({ limit, splitAt });
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    this.#left(member, lane, rows);
    // Its turn is over.
    member.turns.splice(member.turns.indexOf(lane), 1);
    if (lane.waiting.rows > 0) member.turns.push(lane);
    return this.#begin({ member, lane, reason, parts, rows, waitedMs }, nowMs);
  }

  #begin(run: Omit<Run<R>, "startMs" | "expectedMs">, nowMs: number): Run<R> {
    const { member, lane, parts, rows, reason, waitedMs } = run;
    const expectedMs = lane.learned.expect(rows);
    this.#running++;
    member.running++;
    member.lastRunMs = nowMs;
    this.#served = Math.max(this.#served, member.served);
    member.served += expectedMs / member.rules.weight;
    return { member, lane, parts, rows, reason, startMs: nowMs, waitedMs, expectedMs };
  }

  /** A member that comes back after a rest is not paid for it. */
  #comeBack(member: Member<R>): void {
    if (member.turns.length === 0 && member.running === 0) member.served = Math.max(member.served, this.#served);
  }
}

interface Choice<R> extends ReadyLane<R> {
  readonly member: Member<R>;
  /** Overdue bulk, interactive, bulk. */
  readonly rank: number;
}

function isBefore<R>(one: Choice<R>, other: Choice<R>): boolean {
  if (one.rank !== other.rank) return one.rank < other.rank;
  return one.member.served < other.member.served;
}
