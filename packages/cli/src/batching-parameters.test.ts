import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBatchingParameters } from "./batching-parameters.js";
import { UsageError } from "./usage-error.js";

const parse = (text: string): unknown => parseBatchingParameters(text, "--batching_parameters_file=b.txt");

describe("a batching parameters file", () => {
  it.each([
    ["", {}],
    [
      `max_batch_size { value: 128 }
       batch_timeout_micros { value: 0 }
       max_enqueued_batches { value: 1000000 }
       num_batch_threads { value: 8 }`,
      { maxBatchSize: 128, batchTimeoutMs: 0, maxEnqueuedBatches: 1_000_000, numBatchThreads: 8 },
    ],
    ["batch_timeout_micros { value: 1500 } thread_pool_name { value: 'x' }", { batchTimeoutMs: 1.5 }],
    ["pad_variable_length_inputs: true", { padVariableLengthInputs: true }],
    ["enable_large_batch_splitting { value: false }", { enableLargeBatchSplitting: false }],
    ["enable_large_batch_splitting {}", { enableLargeBatchSplitting: false }],
    [
      "max_batch_size { value: 8 } allowed_batch_sizes: 2 allowed_batch_sizes: 8",
      { maxBatchSize: 8, allowedBatchSizes: [2, 8] },
    ],
    ["max_batch_size { value: 8 } allowed_batch_sizes: [4, 8]", { maxBatchSize: 8, allowedBatchSizes: [4, 8] }],
    ["allowed_batch_sizes: 1000", { allowedBatchSizes: [1_000] }],
    [
      `enable_large_batch_splitting { value: true } max_batch_size { value: 64 }
       max_execution_batch_size { value: 16 } allowed_batch_sizes: [8, 32, 64]`,
      { maxBatchSize: 16, allowedBatchSizes: [8, 16], enableLargeBatchSplitting: true },
    ],
    ["max_execution_batch_size { value: 16 } max_batch_size { value: 64 }", { maxBatchSize: 64 }],
  ])("reads %j", (text, options) => {
    expect(parse(text)).toEqual(options);
  });

  it.each([
    ["max_batch_size { value: 0 }", "max_batch_size must be an integer from 1 on, got 0"],
    ["max_batch_size {}", "max_batch_size must be an integer from 1 on, got 0"],
    ["num_batch_threads { value: x }", "num_batch_threads must be an integer from 1 on, got x"],
    ['max_batch_size { value: "8" }', "max_batch_size must be a number or a word"],
    ["batch_timeout_micros { value: -1 }", "batch_timeout_micros must be an integer from 0 on"],
    ["pad_variable_length_inputs: maybe", "pad_variable_length_inputs must be true or false"],
    ["allowed_batch_sizes: 8", "the last of allowed_batch_sizes must be max_batch_size, 1000, got 8"],
    ["max_batch_size { value: 8 } allowed_batch_sizes: [4, 2, 8]", "allowed_batch_sizes must rise"],
    ["max_batch_sise { value: 8 }", "unknown field max_batch_sise"],
    ["max_batch_size {", "line 1"],
  ])("refuses %j, and names the file", (text, message) => {
    expect(() => parse(text)).toThrow(UsageError);
    expect(() => parse(text)).toThrow(message);
    expect(() => parse(text)).toThrow("--batching_parameters_file=b.txt: ");
  });

  it("answers any text with options or a usage error", () => {
    const word = fc.constantFrom(
      "max_batch_size",
      "allowed_batch_sizes",
      "{",
      "}",
      ":",
      "value",
      "1",
      "8",
      "true",
      "[",
      "]",
      "'x'",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word, { maxLength: 12 }).map((words) => words.join(" ")),
        ),
        (text) => {
          try {
            parse(text);
          } catch (error) {
            expect(error).toBeInstanceOf(UsageError);
          }
        },
      ),
    );
  });
});
