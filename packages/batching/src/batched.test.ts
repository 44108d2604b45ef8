import { type NamedTensors, type PredictOptions, type Predictor, ServingError, type Tensor } from "@servable/core";
import { manualClock, predictorContract } from "@servable/core/testing";
import { describe, expect, it } from "vitest";
import { type BatchingOptions } from "./batch-options.js";
import { type BatchedPredictor, batched } from "./batched.js";
import { batchScheduler } from "./scheduler.js";
import {
  answerTo,
  type GatedPredictor,
  gatedPredictor,
  rowsFrom,
  SIGNATURES,
  turn,
} from "./testing/gated-predictor.js";

interface Stage {
  readonly model: GatedPredictor;
  readonly front: BatchedPredictor;
  readonly clock: ReturnType<typeof manualClock>;
  /** Calls, and notes what becomes of it. */
  call(inputs: NamedTensors, options?: PredictOptions): { outcome?: Record<string, Tensor>; error?: unknown };
  /** Rows of the calls that the model is busy with. */
  rows(): (number | undefined)[];
}

function stage(options: BatchingOptions = {}): Stage {
  const clock = manualClock();
  const model = gatedPredictor();
  const scheduler = batchScheduler({ maxRunsInFlight: 10, clock });
  const front = batched(model, { name: "m/1", scheduler, ...options });
  return {
    model,
    front,
    clock,
    call(inputs, given) {
      const note: ReturnType<Stage["call"]> = {};
      front.predict(inputs, given).then(
        (outcome) => void (note.outcome = outcome),
        (error: unknown) => void (note.error = error),
      );
      return note;
    },
    rows: () => model.pending.map(({ inputs }) => inputs["x"]?.shape[0]),
  };
}

const TIMED: BatchingOptions = { batchTimeoutMs: 10, maxBatchSize: 4 };

describe("a predictor behind batching", () => {
  const calls = ["serving_default", "other", "ragged"].map((signature) => {
    const { x } = rowsFrom(3, 2);
    const outputs = answerTo({ x }, Object.keys(SIGNATURES[signature]?.outputs ?? {}));
    return { signature, inputs: { x }, outputs };
  });
  // A model that checks its calls, as any does.
  const checked: Predictor = {
    signatures: SIGNATURES,
    async predict(inputs, options = {}) {
      const { signature = "serving_default", outputs, signal } = options;
      const refuse = (name: string): never => {
        throw new ServingError("INVALID_ARGUMENT", `${name} is wrong`);
      };
      if (signal?.aborted === true) throw new ServingError("CANCELLED", "aborted");
      const declared = Object.hasOwn(SIGNATURES, signature) ? SIGNATURES[signature] : undefined;
      if (declared === undefined) return refuse(signature);
      for (const name of outputs ?? []) if (!Object.hasOwn(declared.outputs, name)) refuse(name);
      for (const name of Object.keys(inputs)) if (name !== "x") refuse(name);
      const { x } = inputs;
      const wanted = declared.inputs["x"]?.shape;
      if (x?.dtype !== "float32" || x.shape.length !== wanted?.length) return refuse("x");
      if (x.shape.some((size, axis) => wanted[axis] !== -1 && wanted[axis] !== size)) refuse("x");
      return answerTo(inputs, outputs ?? Object.keys(declared.outputs));
    },
  };
  for (const [title, options] of [
    ["adaptive", {}],
    ["with a time-out", { batchTimeoutMs: 1 }],
    ["padded and split", { allowedBatchSizes: [3], enableLargeBatchSplitting: true, padVariableLengthInputs: true }],
  ] as const) {
    describe(title, () => {
      const cases = predictorContract({
        create: async () => {
          const servable = batched(checked, options);
          return { servable, [Symbol.asyncDispose]: () => servable[Symbol.asyncDispose]() };
        },
        examples: calls,
      });
      for (const { name, run } of cases) it(name, run);
    });
  }
});

describe("adaptive batching", () => {
  it("hands a call alone on at once, as it is", () => {
    const { call, model } = stage();
    const inputs = rowsFrom(1);
    call(inputs);
    expect(model.pending[0]?.inputs).toBe(inputs);
  });

  it("runs together what came while the engine was busy", async () => {
    const { call, model, rows, front } = stage();
    const notes = [1, 2, 3, 4].map((first) => call(rowsFrom(first)));
    await model.pending[0]?.succeed();
    expect(rows()).toEqual([2]);
    await model.pending[0]?.succeed();
    expect(rows()).toEqual([1]);
    await model.pending[0]?.succeed();
    expect(notes.map(({ outcome }) => outcome?.["y"]?.data[0])).toEqual([2, 3, 4, 5]);
    expect(front.statistics()).toMatchObject({ calls: 4, runs: 3, rows: 4, rowsPerRun: { 1: 2, 2: 1 }, running: 0 });
  });
});

describe("batching", () => {
  it("waits for its time-out and no longer", async () => {
    const { call, clock, rows } = stage(TIMED);
    call(rowsFrom(1));
    clock.advance(9);
    call(rowsFrom(2));
    expect(rows()).toEqual([]);
    clock.advance(1);
    expect(rows()).toEqual([2]);
    expect(clock.scheduled).toBe(0);
  });

  it("keeps apart calls of other signatures, outputs and shapes", async () => {
    const { call, clock, rows } = stage({ ...TIMED, numBatchThreads: 9 });
    for (const signature of ["serving_default", "other", "ragged"])
      for (const at of [1, 2]) call(rowsFrom(at), { signature });
    call(rowsFrom(3, 1, 5), { signature: "ragged" });
    call(rowsFrom(4), { outputs: ["y"] });
    call(rowsFrom(5), { outputs: ["sum", "y"] });
    clock.advance(10);
    await turn();
    expect(rows().sort((a = 0, b = 0) => a - b)).toEqual([1, 1, 2, 2, 3]);
  });

  it("lets a bad input fail alone, and asks the predictor what is wrong with it", async () => {
    const { call, clock, model } = stage({ ...TIMED, numBatchThreads: 9 });
    const good = call(rowsFrom(1));
    const bad = call({ x: { dtype: "float32", shape: [1, 3], data: new Float32Array(3) } });
    const lying = call({ x: { dtype: "float32", shape: [2, 2], data: new Float32Array(3) } });
    expect(model.pending).toHaveLength(2);
    for (const each of model.pending.slice()) await each.fail(new ServingError("INVALID_ARGUMENT", "x is wrong"));
    clock.advance(10);
    await model.pending[0]?.succeed();
    expect(good.outcome?.["y"]?.data[0]).toBe(2);
    expect([bad.error, lying.error]).toEqual([expect.any(ServingError), expect.any(ServingError)]);
  });

  it("refuses at once what the queue has no room for", async () => {
    const { call, front } = stage({ ...TIMED, maxEnqueuedBatches: 1, batchTimeoutMs: 1_000, numBatchThreads: 1 });
    for (let at = 0; at < 8; at++) call(rowsFrom(at));
    const late = call(rowsFrom(9));
    await turn();
    expect(late.error).toMatchObject({ code: "RESOURCE_EXHAUSTED", retryable: true });
    expect(String(late.error)).toContain("m/1, signature serving_default: too many calls wait");
    expect(front.statistics()).toMatchObject({ calls: 8, refused: 1, waitingRows: 4, running: 1 });
  });

  it("refuses a call that is larger than a run, unless it may be split", async () => {
    const whole = stage(TIMED);
    const refused = whole.call(rowsFrom(1, 5));
    const split = stage({ ...TIMED, enableLargeBatchSplitting: true });
    const note = split.call(rowsFrom(1, 10));
    await turn();
    expect(refused.error).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("enableLargeBatchSplitting"),
    });
    for (const rows of [4, 4]) {
      expect(split.rows()).toEqual([rows]);
      await split.model.pending[0]?.succeed();
    }
    split.clock.advance(10);
    await split.model.pending[0]?.succeed();
    expect(note.outcome).toEqual(answerTo(rowsFrom(1, 10)));
  });

  it("pads to an allowed size with rows that somebody sent, and hands none of them out", async () => {
    const { call, clock, model, front } = stage({ batchTimeoutMs: 10, allowedBatchSizes: [4, 8] });
    const notes = [1, 2, 3].map((at) => call(rowsFrom(at)));
    clock.advance(10);
    expect(model.pending[0]?.inputs["x"]?.data).toEqual(Float32Array.of(1, 1, 2, 2, 3, 3, 3, 3));
    await model.pending[0]?.succeed();
    expect(notes.map(({ outcome }) => outcome)).toEqual([1, 2, 3].map((at) => answerTo(rowsFrom(at))));
    expect(front.statistics()).toMatchObject({ paddingRows: 1, paddingShare: 0.25, rows: 3, rowsPerRun: { 4: 1 } });
  });

  it("pads what is of variable length, where it is asked to", async () => {
    const { call, clock, model } = stage({ ...TIMED, padVariableLengthInputs: true });
    call(rowsFrom(1, 1, 2), { signature: "ragged" });
    call(rowsFrom(5, 1, 3), { signature: "ragged" });
    clock.advance(10);
    expect(model.pending[0]?.inputs["x"]).toMatchObject({ shape: [2, 3], data: Float32Array.of(1, 1, 1, 5, 5, 5) });
  });

  it("gives an abort to its own call alone, and to the run once all are aborted", async () => {
    const { call, clock, model, front } = stage(TIMED);
    const controllers = [1, 2, 3].map(() => new AbortController());
    const notes = controllers.map(({ signal }, at) => call(rowsFrom(at), { signal }));
    controllers[0]?.abort();
    clock.advance(10);
    expect(model.pending[0]?.inputs["x"]?.shape).toEqual([2, 2]);
    const signal = model.pending[0]?.options.signal;
    controllers[1]?.abort(new DOMException("too late", "TimeoutError"));
    await turn();
    expect(notes.map(({ error }) => (error as ServingError | undefined)?.code)).toEqual([
      "CANCELLED",
      "DEADLINE_EXCEEDED",
      undefined,
    ]);
    expect(signal?.aborted).toBe(false);
    controllers[2]?.abort();
    expect(signal?.aborted).toBe(true);
    expect(front.statistics().cancelled).toBe(3);
  });

  it("fails the calls of a run that fails, or runs them one by one where it is asked to", async () => {
    for (const isolateFailures of [false, true]) {
      const { call, clock, model, front } = stage({ ...TIMED, isolateFailures });
      const notes = [1, 2].map((at) => call(rowsFrom(at)));
      clock.advance(10);
      await model.pending[0]?.fail(new ServingError("INTERNAL", "a row is bad"));
      if (isolateFailures) {
        await model.pending[0]?.fail(new ServingError("INTERNAL", "this row is bad"));
        await model.pending[0]?.succeed();
      }
      expect(notes.map(({ error }) => error instanceof Error && error.message)).toEqual(
        isolateFailures ? ["this row is bad", false] : ["a row is bad", "a row is bad"],
      );
      expect(front.statistics().failedRuns).toBe(1);
    }
  });

  it("says so when an output cannot be split", async () => {
    const outputs = { y: { dtype: "float32", shape: undefined } } as const;
    const signatures = {
      serving_default: { inputs: { x: { dtype: "float32", shape: [-1, 2] } }, outputs, methodName: "" },
    } as const;
    const model: Predictor = {
      signatures,
      predict: async () => ({ y: { dtype: "float32", shape: [], data: Float32Array.of(1) } }),
    };
    const front = batched(model, { batchTimeoutMs: 0, numBatchThreads: 1 });
    const calls = [1, 2, 3].map((at) => front.predict(rowsFrom(at)));
    await expect(calls[1]).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringContaining("output y"),
    });
    await expect(calls[2]).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
  });

  it("refuses a model without a batch dimension, or hands its calls on one by one", async () => {
    const { whole } = SIGNATURES;
    const model = gatedPredictor({ signatures: whole === undefined ? {} : { serving_default: whole }, open: true });
    expect(() => batched(model, { name: "m/1" })).toThrow("m/1: no signature declares a batch dimension");
    const front = batched(model, { withoutBatchDimension: "pass", batchTimeoutMs: 1_000 });
    const x: Tensor = { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) };
    await Promise.all([front.predict({ x }), front.predict({ x })]);
    expect(front.statistics().reasons).toEqual({ free: 0, full: 0, timeout: 0, closing: 0, alone: 2 });
  });

  it("tells of every run, and of its end", async () => {
    const { call, clock, model, front } = stage({ ...TIMED, allowedBatchSizes: [4] });
    const told: unknown[] = [];
    front.batches$.subscribe({ next: (report) => told.push(report), complete: () => told.push("end") });
    call(rowsFrom(1));
    clock.advance(10);
    clock.advance(5);
    await model.pending[0]?.succeed();
    await front[Symbol.asyncDispose]();
    const report = {
      signature: "serving_default",
      calls: 1,
      rows: 1,
      paddingRows: 3,
      paddingShare: 0.75,
      failed: false,
    };
    expect(told).toEqual([{ ...report, reason: "timeout", waitedMs: 10, tookMs: 5 }, "end"]);
  });
});

describe("the disposal", () => {
  it("runs what waits, and takes no more", async () => {
    const { call, model, front } = stage({ ...TIMED, batchTimeoutMs: 1_000 });
    const notes = [1, 2].map((at) => call(rowsFrom(at)));
    let isDone = false;
    const done = front[Symbol.asyncDispose]().then(() => void (isDone = true));
    const late = call(rowsFrom(3));
    await turn();
    expect([isDone, model.pending.length]).toEqual([false, 1]);
    expect(late.error).toMatchObject({ code: "NOT_AVAILABLE" });
    await model.pending[0]?.succeed();
    await done;
    await front[Symbol.asyncDispose]();
    expect(notes.every(({ outcome }) => outcome !== undefined)).toBe(true);
  });

  it("does not wait for calls that are aborted meanwhile", async () => {
    const { call, model, front } = stage();
    const controller = new AbortController();
    call(rowsFrom(1));
    call(rowsFrom(2), { signal: controller.signal });
    const done = front[Symbol.asyncDispose]();
    controller.abort();
    await model.pending[0]?.succeed();
    await done;
    expect(model.begun).toBe(1);
  });
});

describe("options", () => {
  it.each([
    [{ maxBatchSize: 0 }, "m/1: maxBatchSize must be an integer from 1 on, got 0"],
    [{ maxEnqueuedBatches: 1.5 }, "maxEnqueuedBatches must be an integer"],
    [{ numBatchThreads: 0 }, "numBatchThreads must be at least 1"],
    [{ batchTimeoutMs: -1 }, "batchTimeoutMs must be from 0 to"],
    [{ targetLatencyMs: 0 }, "targetLatencyMs must be more than 0"],
    [{ batchTimeoutMs: 1, targetLatencyMs: 1 }, "give one of them"],
    [{ allowedBatchSizes: [4, 2] }, "rising integers"],
    [{ allowedBatchSizes: [2, 4], maxBatchSize: 8 }, "the last of allowedBatchSizes must be maxBatchSize, 8"],
    [{ weight: Number.NaN }, "weight must be more than 0"],
  ] as const)("refuses %j", (options, message) => {
    expect(() => batched(gatedPredictor(), { name: "m/1", ...options })).toThrow(message);
  });

  it("of a scheduler are checked, too", () => {
    expect(() => batchScheduler({ maxRunsInFlight: 0 })).toThrow(RangeError);
    expect(() => batchScheduler({ maxRunsInFlight: 1, bulkWaitMs: -1 })).toThrow(RangeError);
  });
});
