import fc from "fast-check";
import { expect, it } from "vitest";
import type { Member, MemberRules, Run } from "./member.js";
import { Schedule, type Ticket } from "./schedule.js";

interface Asked {
  readonly member: number;
  readonly lane: string | undefined;
  readonly rows: number;
  readonly sinceMs: number;
  ticket: Ticket<number> | undefined;
  taken: number;
  cancelled: boolean;
}

const rulesOf: fc.Arbitrary<MemberRules> = fc
  .record({
    maxBatchSize: fc.integer({ min: 1, max: 8 }),
    targetLatencyMs: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
    maxRuns: fc.integer({ min: 1, max: 3 }),
    timeoutMs: fc.constantFrom(0, 5, 10),
    maxQueuedRows: fc.integer({ min: 1, max: 30 }),
    splits: fc.boolean(),
    weight: fc.constantFrom(0.5, 1, 4),
    priority: fc.constantFrom("interactive", "bulk"),
  })
  .map((rules) => ({
    ...rules,
    allowedBatchSizes: [],
    timeoutMs: rules.targetLatencyMs === undefined ? rules.timeoutMs : 0,
  }));

type Event =
  | { readonly type: "request"; readonly member: number; readonly lane: string | undefined; readonly rows: number }
  | { readonly type: "cancel" | "end"; readonly which: number }
  | { readonly type: "pass"; readonly ms: number }
  | { readonly type: "close"; readonly member: number };

const request = fc.record({
  type: fc.constant("request" as const),
  member: fc.integer({ min: 0, max: 2 }),
  lane: fc.constantFrom("a", "b", undefined),
  rows: fc.integer({ min: 1, max: 12 }),
});
const events: fc.Arbitrary<readonly Event[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: request },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("cancel" as const), which: fc.nat(50) }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant("end" as const), which: fc.nat(50) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 12 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant("close" as const), member: fc.integer({ min: 0, max: 2 }) }),
    },
  ),
  { maxLength: 120 },
);

/** Plays events and holds the schedule to its promises after each. */
class Play {
  readonly schedule: Schedule<number>;
  readonly members: readonly Member<number>[];
  readonly asked: Asked[] = [];
  readonly running: Run<number>[] = [];
  /** What has been in each lane. */
  readonly lanes = new Map<unknown, string | undefined>();
  readonly maxRuns: number;
  nowMs = 0;

  constructor(rules: readonly MemberRules[], maxRuns: number) {
    this.maxRuns = maxRuns;
    this.schedule = new Schedule({ maxRuns, bulkWaitMs: 30 });
    this.members = rules.map((each) => this.schedule.join(each));
  }

  waiting(member: number): Asked[] {
    return this.asked.filter(
      (each) => each.ticket && each.member === member && !each.cancelled && each.taken < each.rows,
    );
  }

  play(event: Event): void {
    switch (event.type) {
      case "request":
        return this.ask(event);
      case "cancel": {
        const one = this.asked[event.which % Math.max(1, this.asked.length)];
        const member = one && this.members[one.member];
        if (one?.ticket === undefined || member === undefined) return;
        one.cancelled = true;
        return this.schedule.cancel(member, one.ticket);
      }
      case "end": {
        const [run] = this.running.splice(event.which % Math.max(1, this.running.length), 1);
        return run && this.schedule.end(run, this.nowMs);
      }
      case "pass":
        this.nowMs += event.ms;
        return undefined;
      case "close": {
        const member = this.members[event.member];
        return member && this.schedule.close(member);
      }
    }
  }

  ask({ member: index, lane, rows }: Extract<Event, { type: "request" }>): void {
    const member = this.members[index];
    if (member === undefined) return;
    const before = this.waiting(index).reduce((sum, each) => sum + each.rows - each.taken, 0);
    const one: Asked = {
      member: index,
      lane,
      rows,
      sinceMs: this.nowMs,
      ticket: undefined,
      taken: 0,
      cancelled: false,
    };
    const id = this.asked.push(one) - 1;
    one.ticket = this.schedule.request(member, { request: id, rows, queue: "q", lane }, this.nowMs);
    expect(one.ticket !== undefined, "there is room, or there is not").toBe(
      before + rows <= member.rules.maxQueuedRows,
    );
  }

  /** Starts all that may run now. */
  start(): void {
    for (let run = this.schedule.next(this.nowMs); run !== undefined; run = this.schedule.next(this.nowMs)) {
      this.running.push(run);
      const { splits, maxBatchSize } = run.member.rules;
      let rows = 0;
      for (const part of run.parts) {
        const one = this.asked[part.request];
        expect(one?.cancelled, "what was taken out is not run").toBe(false);
        if (one === undefined) continue;
        expect(this.members[one.member]).toBe(run.member);
        expect(run.lane).toBe(one.ticket?.lane);
        expect(this.lanes.get(run.lane) ?? one.lane, "lanes are not mixed").toBe(one.lane);
        this.lanes.set(run.lane, one.lane);
        expect(part.start, "parts follow each other").toBe(one.taken);
        one.taken += part.rows;
        expect(one.taken).toBeLessThanOrEqual(one.rows);
        if (!splits || one.lane === undefined) expect(part.rows).toBe(one.rows);
        rows += part.rows;
      }
      expect(rows).toBe(run.rows);
      expect(rows).toBeGreaterThan(0);
      if (run.lane.alone) expect(run.parts).toHaveLength(1);
      else if (run.parts.length > 1 || splits) expect(rows).toBeLessThanOrEqual(maxBatchSize);
    }
    expect(this.running.length).toBeLessThanOrEqual(this.maxRuns);
    expect(this.schedule.running).toBe(this.running.length);
    for (const [index, member] of this.members.entries()) this.checkWaiting(index, member);
  }

  /** While a run may start, nothing waits that need not. */
  checkWaiting(index: number, member: Member<number>): void {
    const { maxRuns, timeoutMs } = member.rules;
    expect(this.running.filter((run) => run.member === member).length).toBeLessThanOrEqual(maxRuns);
    if (this.running.length === this.maxRuns || member.running === maxRuns) return;
    for (const { sinceMs, lane } of this.waiting(index)) {
      expect(timeoutMs > 0 && !member.closing && lane !== undefined, "nothing waits without a reason").toBe(true);
      expect(this.nowMs - sinceMs, "nothing waits too long").toBeLessThan(timeoutMs);
      expect(this.schedule.wakeMs, "one is told when to look again").toBeLessThanOrEqual(sinceMs + timeoutMs);
    }
  }

  /** Closes all, and lets all runs end. */
  finish(): void {
    for (const member of this.members) this.schedule.close(member);
    this.start();
    while (this.running.length > 0) {
      this.play({ type: "end", which: 0 });
      this.start();
    }
    for (const one of this.asked) {
      if (one.ticket && !one.cancelled) expect(one.taken, "nothing is lost").toBe(one.rows);
      if (one.ticket === undefined) expect(one.taken).toBe(0);
    }
    for (const member of this.members)
      expect([member.turns.length, [...member.queued.values()].some(Boolean), member.running]).toEqual([0, false, 0]);
  }
}

it("runs every request once, in order, within its limits, and lets none wait longer than it must", () => {
  const rules = fc.array(rulesOf, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(rules, fc.integer({ min: 1, max: 4 }), events, (each, maxRuns, list) => {
      const play = new Play(each, maxRuns);
      for (const event of list) {
        play.play(event);
        play.start();
      }
      play.finish();
    }),
    { numRuns: 400 },
  );
});
