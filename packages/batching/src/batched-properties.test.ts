import { type NamedTensors, type Predictor, ServingError } from "@servable/core";
import { type ManualClock, manualClock } from "@servable/core/testing";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { BatchingOptions } from "./batch-options.js";
import { type BatchedPredictor, batched } from "./batched.js";
import { batchScheduler } from "./scheduler.js";
import { answerTo, type GatedPredictor, gatedPredictor, rowsFrom, turn } from "./testing/gated-predictor.js";

const options: fc.Arbitrary<BatchingOptions> = fc
  .record({
    maxBatchSize: fc.integer({ min: 1, max: 6 }),
    timed: fc.option(fc.constantFrom(0, 3, 10), { nil: undefined }),
    allowed: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { maxLength: 2 }), { nil: undefined }),
    padVariableLengthInputs: fc.boolean(),
    enableLargeBatchSplitting: fc.boolean(),
    numBatchThreads: fc.integer({ min: 1, max: 3 }),
    maxEnqueuedBatches: fc.constantFrom(1, 3, 50),
    isolateFailures: fc.boolean(),
  })
  .map(({ timed, allowed, ...rest }) => ({
    ...rest,
    ...(timed !== undefined && { batchTimeoutMs: timed }),
    ...(allowed && {
      allowedBatchSizes: [
        ...allowed.filter((size) => size < rest.maxBatchSize).sort((a, b) => a - b),
        rest.maxBatchSize,
      ],
    }),
  }));

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("call" as const),
      signature: fc.constantFrom("serving_default", "other", "ragged"),
      rows: fc.integer({ min: 1, max: 9 }),
      width: fc.integer({ min: 1, max: 3 }),
      outputs: fc.constantFrom(undefined, ["y"]),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("abort" as const), which: fc.nat(40) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("answer" as const), which: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("fail" as const), which: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 12 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Note {
  readonly expected: ReturnType<typeof answerTo>;
  readonly signature: string;
  /** Numbers of its rows, which no other call has. */
  readonly numbers: readonly number[];
  readonly width: number;
  readonly controller: AbortController;
  readonly sinceMs: number;
  /** Rows of all signatures that waited when it came. */
  readonly waitingRows: number;
  abortedInTime?: boolean;
  outcome?: ReturnType<typeof answerTo>;
  error?: unknown;
}

/** One call of the model. */
interface ModelRun {
  readonly size: number;
  readonly signature: string | undefined;
  readonly numbers: ReadonlySet<number>;
}

const FAULT = "the model fails";

/** Calls with numbers of their own, what the model has seen of them, and what has become of them. */
class World {
  readonly clock: ManualClock = manualClock();
  readonly model: GatedPredictor = gatedPredictor();
  readonly front: BatchedPredictor;
  readonly notes: Note[] = [];
  readonly runs: ModelRun[] = [];
  readonly failed: ModelRun[] = [];
  readonly #runOf = new Map<NamedTensors, ModelRun>();
  #number = 0;

  constructor(given: BatchingOptions) {
    const scheduler = batchScheduler({ maxRunsInFlight: 10, clock: this.clock });
    const { model } = this;
    const watched: Predictor = {
      signatures: model.signatures,
      concurrency: 1,
      predict: (inputs, options) => {
        this.#note(inputs, options?.signature);
        return model.predict(inputs, options);
      },
    };
    this.front = batched(watched, { ...given, scheduler });
  }

  #note(inputs: NamedTensors, signature: string | undefined): void {
    const { data = new Float32Array(), shape: [size = 0, width = 1] = [] } = inputs["x"] ?? {};
    const numbers = new Set(Array.from({ length: size }, (_, row) => Number(data[row * width])));
    const run = { size, signature, numbers };
    this.runs.push(run);
    this.#runOf.set(inputs, run);
  }

  async take(one: Step): Promise<void> {
    const { pending } = this.model;
    switch (one.type) {
      case "call":
        this.call(one);
        return;
      case "abort": {
        const note = this.notes[one.which % Math.max(1, this.notes.length)];
        if (note !== undefined && !note.controller.signal.aborted) note.abortedInTime = this.unsettled.includes(note);
        note?.controller.abort();
        return;
      }
      case "answer":
        await pending[one.which % Math.max(1, pending.length)]?.succeed();
        return;
      case "fail": {
        const call = pending[one.which % Math.max(1, pending.length)];
        const run = call && this.#runOf.get(call.inputs);
        if (run !== undefined) this.failed.push(run);
        await call?.fail(new ServingError("INTERNAL", FAULT));
        return;
      }
      case "pass":
        this.clock.advance(one.ms);
    }
  }

  call({ signature, rows, width: asked, outputs }: Extract<Step, { type: "call" }>): void {
    const width = signature === "ragged" ? asked : 2;
    const inputs = rowsFrom(this.#number, rows, width);
    const numbers = Array.from({ length: rows }, (_, row) => this.#number + row);
    this.#number += rows;
    const names = outputs ?? (signature === "serving_default" ? ["y", "sum"] : ["y"]);
    const controller = new AbortController();
    const { waitingRows } = this.front.statistics();
    const expected = answerTo(inputs, names);
    const note: Note = { expected, signature, numbers, width, controller, sinceMs: this.clock.now(), waitingRows };
    this.notes.push(note);
    const given = { signature, signal: controller.signal, ...(outputs && { outputs }) };
    this.front.predict(inputs, given).then(
      (outcome) => void (note.outcome = outcome),
      (error: unknown) => void (note.error = error),
    );
  }

  get unsettled(): Note[] {
    return this.notes.filter(({ outcome, error }) => outcome === undefined && error === undefined);
  }

  /** Calls of which the model has not seen every row. */
  get waiting(): Note[] {
    const seen = new Set(this.runs.flatMap(({ numbers }) => [...numbers]));
    return this.unsettled.filter(({ numbers }) => !numbers.every((number) => seen.has(number)));
  }

  /** Whether a run that failed is to fail this call: one that it had a part in, or with isolation was alone in. */
  mustFail({ numbers }: Note, isolateFailures: boolean): boolean {
    const own = new Set(numbers);
    return this.failed.some((run) => {
      const inRun = [...run.numbers];
      return isolateFailures ? inRun.every((number) => own.has(number)) : inRun.some((number) => own.has(number));
    });
  }
}

/** The options as the properties need them. */
function limitsOf({ maxBatchSize = 1, maxEnqueuedBatches = 1, enableLargeBatchSplitting }: BatchingOptions): {
  readonly room: number;
  readonly largest: number;
} {
  const room = maxBatchSize * maxEnqueuedBatches;
  return { room, largest: enableLargeBatchSplitting === true ? room : maxBatchSize };
}

/** What the model is asked for, and when. */
function checkRuns({ model, runs, waiting, clock, notes }: World, given: BatchingOptions): void {
  const { numBatchThreads = 1, batchTimeoutMs = 0, maxBatchSize = 1, allowedBatchSizes } = given;
  expect(model.pending.length).toBeLessThanOrEqual(numBatchThreads);
  for (const { size, signature, numbers } of runs.slice(-numBatchThreads)) {
    expect(size).toBeLessThanOrEqual(maxBatchSize);
    if (allowedBatchSizes !== undefined) expect(allowedBatchSizes).toContain(size);
    const callers = notes.filter((note) => note.numbers.some((number) => numbers.has(number)));
    expect(new Set(callers.map((note) => note.signature))).toEqual(new Set([signature]));
  }
  if (model.pending.length >= numBatchThreads) return;
  // The engine has a run to give: then nothing waits, or only for the time that the options say.
  for (const { sinceMs } of waiting) expect(clock.now() - sinceMs).toBeLessThan(batchTimeoutMs);
}

/** Each call has its own rows, or the one error that it has earned. */
function check(world: World, note: Note, given: BatchingOptions): void {
  const { outcome, error, expected, numbers, width } = note;
  const { padVariableLengthInputs, isolateFailures = false } = given;
  const { room, largest } = limitsOf(given);
  const rows = numbers.length;
  if (outcome === undefined) {
    expect(error).toBeInstanceOf(ServingError);
    const { code, message } = error as ServingError;
    if (rows > largest) expect(code).toBe("INVALID_ARGUMENT");
    else if (note.abortedInTime === true) expect(code).toBe("CANCELLED");
    else if (code === "RESOURCE_EXHAUSTED") expect(note.waitingRows + rows).toBeGreaterThan(room);
    else expect([code, message, world.mustFail(note, isolateFailures)]).toEqual(["INTERNAL", FAULT, true]);
    return;
  }
  expect(rows).toBeLessThanOrEqual(largest);
  expect([note.abortedInTime ?? false, world.mustFail(note, isolateFailures)]).toEqual([false, false]);
  expect(Object.keys(outcome).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, tensor] of Object.entries(expected)) {
    const found = outcome[name];
    if (name !== "y" || padVariableLengthInputs !== true) {
      expect(found).toEqual(tensor);
      continue;
    }
    // Outputs keep the width that their run was padded to; each row begins with the caller's own.
    const [rows = 0, wide = 0] = found?.shape ?? [];
    expect([rows, wide >= width]).toEqual([tensor.shape[0], true]);
    for (let row = 0; row < rows; row++) {
      expect(found?.data.slice(row * wide, row * wide + width)).toEqual(
        tensor.data.slice(row * width, (row + 1) * width),
      );
    }
  }
}

it("gives every call exactly its own rows, whatever is late, aborted, failing, padded or split; and loses none", async () => {
  await fc.assert(
    fc.asyncProperty(options, fc.array(step, { maxLength: 60 }), async (given, steps) => {
      const world = new World(given);
      const { model, clock, front } = world;
      for (const one of steps) {
        await world.take(one);
        await turn();
        checkRuns(world, given);
      }
      const closed = front[Symbol.asyncDispose]();
      await turn();
      while (model.pending.length > 0) await model.pending[0]?.succeed();
      await closed;
      await turn();
      expect(world.unsettled).toEqual([]);
      expect(front.statistics()).toMatchObject({ running: 0, waitingRows: 0 });
      expect(clock.scheduled).toBe(0);
      for (const note of world.notes) check(world, note, given);
    }),
    { numRuns: 300 },
  );
});
