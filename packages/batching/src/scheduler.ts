import type { Clock } from "@servable/core";
import type { PendingCall } from "./pending-call.js";
import { preciseClock } from "./precise-clock.js";
import type { Member, MemberRules, Run } from "./schedule/member.js";
import { type Arrival, Schedule, type Ticket, type Wanted } from "./schedule/schedule.js";

/** Options of {@link batchScheduler}. */
export interface BatchSchedulerOptions {
  /** Runs in flight at once, of all predictors that share the scheduler. */
  readonly maxRunsInFlight: number;
  /**
   * How long a bulk predictor with waiting calls goes without a run before it gets one ahead of interactive ones, in
   * milliseconds; Infinity lets it wait for as long as they keep the engine busy. @defaultValue 1_000
   */
  readonly bulkWaitMs?: number;
  /** Takes the time. @defaultValue the runtime's */
  readonly clock?: Clock;
}

/** Shares runs between batched predictors, by their weights and priorities; made by {@link batchScheduler}. */
export interface BatchScheduler {
  /** Runs in flight now. */
  readonly running: number;
  /** The clock that requests and runs are timed with. */
  readonly clock: Clock;
  /**
   * Lets a predictor take part.
   * @internal
   */
  join(rules: MemberRules, work: (run: Run<PendingCall>) => Promise<void>): SchedulerDesk;
}

/** What one predictor has of a scheduler. */
export interface SchedulerDesk {
  /** Runs of the predictor in flight. */
  readonly running: number;
  /** Rows of the predictor that wait. */
  readonly waitingRows: number;
  /** Starts a run of a call that nothing keeps waiting; undefined if it has to be offered. The caller ends the run. */
  startAtOnce(wanted: Wanted): Run<PendingCall> | undefined;
  /** Notes that a run has ended. */
  end(run: Run<PendingCall>): void;
  /** Takes a call in; undefined if its queue is full. */
  offer(arrival: Arrival<PendingCall>): Ticket<PendingCall> | undefined;
  /** Takes a call out again. */
  cancel(ticket: Ticket<PendingCall>): void;
  /** Runs what waits, and resolves once nothing of it is left. */
  drain(): Promise<void>;
}

/**
 * Makes a scheduler that several batched predictors share: one limit of runs in flight for all of them.
 * @throws RangeError for an option out of its range
 */
export function batchScheduler(options: BatchSchedulerOptions): BatchScheduler {
  return schedulerOn(endOfTurn, options);
}

/** Calls back once what else has happened at the same time has been heard of. */
export type Later = (callback: () => void) => void;

/** {@link batchScheduler}, with the way to put decisions off to the end of the turn. */
export function schedulerOn(later: Later, options: BatchSchedulerOptions): BatchScheduler {
  const { maxRunsInFlight: maxRuns, bulkWaitMs = 1_000, clock = preciseClock } = options;
  if (!(maxRuns >= 1)) throw new RangeError(`maxRunsInFlight must be at least 1, got ${maxRuns}`);
  if (!(bulkWaitMs >= 0)) throw new RangeError(`bulkWaitMs must not be negative, got ${bulkWaitMs}`);
  const schedule = new Schedule<PendingCall>({ maxRuns, bulkWaitMs });
  const works = new Map<Member<PendingCall>, (run: Run<PendingCall>) => Promise<void>>();
  const drains = new Map<Member<PendingCall>, () => void>();
  let isAsked = false;
  let isCrowded = false;
  let timer: { readonly atMs: number; readonly cancel: () => void } | undefined;

  // Where calls come in crowds, those of one turn of the event loop are looked at together: callers whose batch has just
  // been answered come back one after another, and the first of them is not to be run alone while the others are on
  // their way. A call after one that was alone goes at once.
  const ask = (): void => {
    if (isAsked) return;
    if (!isCrowded) return dispatch();
    isAsked = true;
    later(dispatch);
  };

  const dispatch = (): void => {
    isAsked = false;
    while (schedule.isWaiting) {
      const run = schedule.next(clock.now());
      if (run === undefined) break;
      void perform(run);
    }
    arm();
  };

  const perform = async (run: Run<PendingCall>): Promise<void> => {
    const { member } = run;
    isCrowded = run.parts.length > 1;
    await works.get(member)?.(run);
    end(run);
  };

  const end = (run: Run<PendingCall>): void => {
    schedule.end(run, clock.now());
    finishDrain(run.member);
    ask();
  };

  const arm = (): void => {
    const atMs = schedule.wakeMs;
    if (atMs === timer?.atMs) return;
    timer?.cancel();
    timer = undefined;
    if (atMs === undefined) return;
    const fire = (): void => {
      timer = undefined;
      dispatch();
    };
    timer = { atMs, cancel: clock.schedule(fire, Math.max(0, atMs - clock.now())) };
  };

  const finishDrain = (member: Member<PendingCall>): void => {
    const done = drains.get(member);
    if (done === undefined || member.running > 0 || member.turns.length > 0) return;
    drains.delete(member);
    works.delete(member);
    schedule.leave(member);
    done();
  };

  return {
    clock,
    get running() {
      return schedule.running;
    },
    join(rules, work) {
      const member = schedule.join(rules);
      works.set(member, work);
      return {
        get running() {
          return member.running;
        },
        get waitingRows() {
          return [...member.queued.values()].reduce((sum, rows) => sum + rows, 0);
        },
        startAtOnce: (wanted) => (isCrowded ? undefined : schedule.startAtOnce(member, wanted, clock.now())),
        end,
        offer(arrival) {
          const ticket = schedule.request(member, arrival, clock.now());
          if (ticket !== undefined) ask();
          return ticket;
        },
        cancel(ticket) {
          schedule.cancel(member, ticket);
          finishDrain(member);
        },
        drain() {
          schedule.close(member);
          return new Promise((resolve) => {
            drains.set(member, resolve);
            finishDrain(member);
            ask();
          });
        },
      };
    },
  };
}

/** After the input that has arrived meanwhile where the runtime knows such a moment, else after the present job. */
const endOfTurn: Later = (callback) => {
  if (typeof setImmediate === "function") setImmediate(callback);
  else queueMicrotask(callback);
};
