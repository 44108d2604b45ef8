import { describe, expect, it } from "vitest";
import type { Member, MemberRules, Run } from "./member.js";
import { Schedule, type ScheduleLimits } from "./schedule.js";

const RULES: MemberRules = {
  maxBatchSize: 4,
  allowedBatchSizes: [],
  targetLatencyMs: undefined,
  maxRuns: 1,
  timeoutMs: 0,
  maxQueuedRows: 100,
  splits: false,
  weight: 1,
  priority: "interactive",
};

/** A schedule with the time in hand. */
class Stage {
  readonly schedule: Schedule<string>;
  nowMs = 0;

  constructor(limits: Partial<ScheduleLimits> = {}) {
    this.schedule = new Schedule({ maxRuns: Number.POSITIVE_INFINITY, bulkWaitMs: 1_000, ...limits });
  }

  join(rules: Partial<MemberRules> = {}): Member<string> {
    return this.schedule.join({ ...RULES, ...rules });
  }

  /** Queues requests of one row, or of `rows`. */
  queue(member: Member<string>, requests: string, { rows = 1, lane = "a" } = {}): boolean[] {
    const key = lane === "alone" ? undefined : lane;
    return requests
      .split("")
      .map(
        (request) => this.schedule.request(member, { request, rows, queue: "q", lane: key }, this.nowMs) !== undefined,
      );
  }

  /** The next run, and which requests are in it. */
  next(): readonly [Run<string>, string] | undefined {
    const run = this.schedule.next(this.nowMs);
    return run && [run, run.parts.map(({ request }) => request).join("")];
  }

  /** The requests of every run from here on, one run after another, each taking `ms`. */
  all(ms = 1): string[] {
    const found: string[] = [];
    for (let next = this.next(); next !== undefined; next = this.next()) {
      found.push(next[1]);
      this.nowMs += ms;
      this.schedule.end(next[0], this.nowMs);
    }
    return found;
  }
}

describe("one predictor", () => {
  it("runs a request at once while the engine is free, and together what came while it was busy", () => {
    const stage = new Stage();
    const member = stage.join();
    stage.queue(member, "1");
    const first = stage.next();
    expect(first?.[1]).toBe("1");
    expect(first?.[0].reason).toBe("free");
    stage.queue(member, "234567");
    expect(stage.next()).toBeUndefined();
    if (first) stage.schedule.end(first[0], 5);
    expect(stage.all()).toEqual(["2345", "67"]);
  });

  it("waits for more until the run is full or the first request has waited long enough", () => {
    const stage = new Stage();
    const member = stage.join({ timeoutMs: 10 });
    stage.queue(member, "123");
    expect(stage.next()).toBeUndefined();
    expect(stage.schedule.wakeMs).toBe(10);
    stage.nowMs = 9;
    stage.queue(member, "45");
    expect(stage.next()?.[0].reason).toBe("full");
    expect(stage.schedule.wakeMs).toBeUndefined();
  });

  it("gives a run that is not full when its time is over, or when it is closed", () => {
    for (const end of ["timeout", "closing"] as const) {
      const stage = new Stage();
      const member = stage.join({ timeoutMs: 10 });
      stage.queue(member, "12");
      if (end === "timeout") stage.nowMs = 10;
      else stage.schedule.close(member);
      expect(stage.next()?.[0]).toMatchObject({ reason: end, rows: 2, waitedMs: stage.nowMs });
    }
  });

  it("does not split a request that does not fit: it makes the next run", () => {
    const stage = new Stage();
    const member = stage.join();
    stage.queue(member, "123", { rows: 3 });
    expect(stage.all()).toEqual(["1", "2", "3"]);
  });

  it("splits requests where it may, so that runs are full", () => {
    const stage = new Stage();
    const member = stage.join({ splits: true });
    stage.queue(member, "12", { rows: 5 });
    expect(stage.all()).toEqual(["1", "12", "2"]);
  });

  it("keeps lanes apart and gives them turns", () => {
    const stage = new Stage();
    const member = stage.join();
    stage.queue(member, "123456789", { lane: "a" });
    stage.queue(member, "xy", { lane: "b" });
    stage.queue(member, "AB", { lane: "alone" });
    expect(stage.all()).toEqual(["1234", "xy", "A", "B", "5678", "9"]);
  });

  it("refuses what its queue has no room for, and has room again once a request is run or taken out", () => {
    const stage = new Stage();
    const member = stage.join({ maxQueuedRows: 2 });
    const ticket = stage.schedule.request(member, { request: "1", rows: 1, queue: "q", lane: "a" }, 0);
    expect(stage.queue(member, "23")).toEqual([true, false]);
    if (ticket) stage.schedule.cancel(member, ticket);
    expect(stage.queue(member, "45")).toEqual([true, false]);
    expect(stage.all()).toEqual(["24"]);
    expect(stage.queue(member, "6")).toEqual([true]);
  });

  it("shares calls that come at once between the runs that are free, unless batches are to be full", () => {
    for (const [targetLatencyMs, wanted] of [
      [50, ["12", "34", "56"]],
      [undefined, ["123456"]],
    ] as const) {
      const stage = new Stage({ maxRuns: 9 });
      const member = stage.join({ maxRuns: 3, maxBatchSize: 100, targetLatencyMs });
      // It has learned that six rows are no matter.
      member.laneOf("a", "q").learned.learn(6, 1);
      stage.queue(member, "123456");
      expect([stage.next()?.[1], stage.next()?.[1], stage.next()?.[1]].filter(Boolean)).toEqual(wanted);
    }
  });

  it("doubles its runs while it learns what they take, up to what meets the goal", () => {
    const stage = new Stage();
    const member = stage.join({ maxBatchSize: 100, targetLatencyMs: 20 });
    const sizes: number[] = [];
    for (let round = 0; round < 8; round++) {
      stage.queue(member, "x".repeat(60));
      while (member.turns.length > 0) {
        const [run] = stage.next() ?? [];
        if (run === undefined) break;
        sizes.push(run.rows);
        stage.nowMs += 2 + run.rows;
        stage.schedule.end(run, stage.nowMs);
      }
    }
    expect(sizes.slice(0, 5)).toEqual([1, 2, 4, 8, 16]);
    expect(Math.max(...sizes.slice(5))).toBe(18);
    expect(stage.queue(member, "x")).toEqual([true]);
  });
});

describe("several predictors", () => {
  it("share the runs by their weights", () => {
    const stage = new Stage({ maxRuns: 1 });
    const [one, three] = [stage.join({ maxBatchSize: 1 }), stage.join({ maxBatchSize: 1, weight: 3 })];
    stage.queue(one, "a".repeat(40));
    stage.queue(three, "b".repeat(40));
    const first = stage.all().slice(0, 40).join("");
    expect(first.replaceAll("a", "")).toHaveLength(30);
  });

  it("count time, not runs: a slow one gets as much of it as a fast one", () => {
    const stage = new Stage({ maxRuns: 1 });
    const [slow, fast] = [stage.join({ maxBatchSize: 1 }), stage.join({ maxBatchSize: 1 })];
    stage.queue(slow, "s".repeat(50));
    stage.queue(fast, "f".repeat(90));
    const took = { s: 0, f: 0 };
    for (let runs = 0; runs < 55; runs++) {
      const [run, name] = stage.next() ?? [];
      if (run === undefined) break;
      const ms = name === "s" ? 10 : 1;
      took[name === "s" ? "s" : "f"] += ms;
      stage.nowMs += ms;
      stage.schedule.end(run, stage.nowMs);
    }
    expect(Math.abs(took.s - took.f)).toBeLessThanOrEqual(20);
  });

  it("that come back after a rest are not paid for it", () => {
    const stage = new Stage({ maxRuns: 1 });
    const [one, other] = [stage.join({ maxBatchSize: 1 }), stage.join({ maxBatchSize: 1 })];
    stage.queue(one, "1".repeat(50));
    stage.all();
    stage.queue(one, "1".repeat(20));
    stage.queue(other, "2".repeat(20));
    expect(stage.all().slice(0, 10).join("").replaceAll("1", "").length).toBeLessThanOrEqual(6);
  });

  it("run interactive calls before bulk ones", () => {
    const stage = new Stage({ maxRuns: 1 });
    const [bulk, live] = [stage.join({ priority: "bulk" }), stage.join()];
    stage.queue(bulk, "bbbbbbbb");
    const first = stage.next();
    expect(first?.[1]).toBe("bbbb");
    stage.queue(live, "1");
    if (first) stage.schedule.end(first[0], 1);
    expect(stage.all()).toEqual(["1", "bbbb"]);
  });

  it("let a bulk one have a run now and then while interactive ones take all", () => {
    const stage = new Stage({ maxRuns: 1, bulkWaitMs: 10 });
    const [bulk, live] = [stage.join({ priority: "bulk", maxBatchSize: 1 }), stage.join({ maxBatchSize: 1 })];
    stage.queue(bulk, "b".repeat(9));
    stage.queue(live, "i".repeat(45));
    expect(stage.all().slice(0, 44).join("")).toBe(`i${"iiiiiiiiib".repeat(4)}iii`);
  });

  it("never have more runs in flight than all may have, or one may have", () => {
    const stage = new Stage({ maxRuns: 3 });
    const [one, other] = [stage.join({ maxBatchSize: 1, maxRuns: 2 }), stage.join({ maxBatchSize: 1, maxRuns: 2 })];
    stage.queue(one, "1111");
    stage.queue(other, "2222");
    const started = [stage.next(), stage.next(), stage.next(), stage.next()].map((each) => each?.[1]);
    expect(started.join("")).toHaveLength(3);
    expect(new Set(started)).toEqual(new Set(["1", "2", undefined]));
  });
});
