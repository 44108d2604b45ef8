import { ServingError } from "@servable/core";
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
  readonly width: number;
  readonly controller: AbortController;
  readonly sinceMs: number;
  outcome?: ReturnType<typeof answerTo>;
  error?: unknown;
}

const FAULT = "the model fails";

/** Calls with numbers of their own, and what has become of them. */
class World {
  readonly clock: ManualClock = manualClock();
  readonly model: GatedPredictor = gatedPredictor();
  readonly front: BatchedPredictor;
  readonly notes: Note[] = [];
  #number = 0;

  constructor(given: BatchingOptions) {
    const scheduler = batchScheduler({ maxRunsInFlight: 10, clock: this.clock });
    this.front = batched(this.model, { ...given, scheduler });
  }

  async take(one: Step): Promise<void> {
    const { pending } = this.model;
    switch (one.type) {
      case "call":
        this.call(one);
        return;
      case "abort":
        this.notes[one.which % Math.max(1, this.notes.length)]?.controller.abort();
        return;
      case "answer":
        await pending[one.which % Math.max(1, pending.length)]?.succeed();
        return;
      case "fail":
        await pending[one.which % Math.max(1, pending.length)]?.fail(new ServingError("INTERNAL", FAULT));
        return;
      case "pass":
        this.clock.advance(one.ms);
    }
  }

  call({ signature, rows, width: asked, outputs }: Extract<Step, { type: "call" }>): void {
    const width = signature === "ragged" ? asked : 2;
    const inputs = rowsFrom(this.#number, rows, width);
    this.#number += rows;
    const names = outputs ?? (signature === "serving_default" ? ["y", "sum"] : ["y"]);
    const controller = new AbortController();
    const note: Note = { expected: answerTo(inputs, names), width, controller, sinceMs: this.clock.now() };
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
}

/** Each call has its own rows, or an error that it may have. */
function check(
  { outcome, error, expected, width, controller }: Note,
  { padVariableLengthInputs }: BatchingOptions,
): void {
  if (outcome === undefined) {
    expect(error).toBeInstanceOf(ServingError);
    const { code, message } = error as ServingError;
    const may = ["RESOURCE_EXHAUSTED", "INVALID_ARGUMENT", ...(controller.signal.aborted ? ["CANCELLED"] : [])];
    if (message !== FAULT) expect(may).toContain(code);
    return;
  }
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
        // A call waits for the engine, or for its time-out; while the engine is free, no longer than that.
        const { numBatchThreads = 1, batchTimeoutMs = 0 } = given;
        if (model.pending.length < numBatchThreads) {
          for (const { sinceMs } of world.unsettled) {
            const isWaiting = front.statistics().waitingRows > 0;
            if (isWaiting && model.pending.length === 0) expect(clock.now() - sinceMs).toBeLessThan(batchTimeoutMs);
          }
        }
      }
      const closed = front[Symbol.asyncDispose]();
      await turn();
      while (model.pending.length > 0) await model.pending[0]?.succeed();
      await closed;
      await turn();
      expect(world.unsettled).toEqual([]);
      expect(clock.scheduled).toBe(0);
      for (const note of world.notes) check(note, given);
    }),
    { numRuns: 150 },
  );
});
