import type { BatchingOptions } from "@servable/batching";
import { checkFields, messagesOf, parseMessage, type Wrong } from "./text-fields.js";
import type { TextMessage, TextValue } from "./text-proto.js";
import { UsageError } from "./usage-error.js";

/** What a BatchingParameters file says, in our words. */
export type BatchingParameters = Pick<
  BatchingOptions,
  | "maxBatchSize"
  | "batchTimeoutMs"
  | "maxEnqueuedBatches"
  | "numBatchThreads"
  | "allowedBatchSizes"
  | "padVariableLengthInputs"
  | "enableLargeBatchSplitting"
>;

const FIELDS = [
  "max_batch_size",
  "batch_timeout_micros",
  "max_enqueued_batches",
  "num_batch_threads",
  "thread_pool_name",
  "allowed_batch_sizes",
  "pad_variable_length_inputs",
  "enable_large_batch_splitting",
  "max_execution_batch_size",
];

/**
 * Reads a BatchingParameters message in protobuf's text format. What is left out has our default: without a time-out
 * batching is adaptive. Where requests may be split, `max_execution_batch_size` is the size of runs.
 * @throws UsageError, naming `place`, if it is none, or says what is not possible
 */
export function parseBatchingParameters(text: string, place: string): BatchingParameters {
  const wrong: Wrong = (problem) => new UsageError(`${place}: ${problem}`);
  const message = parseMessage(text, wrong);
  checkFields(message, { of: "the file", known: FIELDS, wrong });
  const integer = (field: string, least: number): number | undefined => {
    const value = valueOf(message, field, wrong);
    return value === undefined ? undefined : integerOf(value, { field, least, wrong });
  };
  const flag = (field: string): boolean | undefined => {
    const value = valueOf(message, field, wrong);
    if (value === undefined || ["true", "True", "t", "1"].includes(value))
      return value === undefined ? undefined : true;
    if (["false", "False", "f", "0"].includes(value)) return false;
    throw wrong(`${field} must be true or false, got ${value}`);
  };
  const inputLimit = integer("max_batch_size", 1);
  const timeoutMicros = integer("batch_timeout_micros", 0);
  const splits = flag("enable_large_batch_splitting");
  const runLimit = integer("max_execution_batch_size", 1);
  const sizes = (message.get("allowed_batch_sizes") ?? []).map((value) =>
    integerOf(value.kind === "word" ? value.word : "", { field: "allowed_batch_sizes", least: 1, wrong }),
  );
  const maxBatchSize = splits === true ? (runLimit ?? inputLimit) : inputLimit;
  const allowed = allowedSizes(sizes, { limits: [maxBatchSize ?? 1_000, inputLimit], wrong });
  return defined({
    maxBatchSize,
    batchTimeoutMs: timeoutMicros === undefined ? undefined : timeoutMicros / 1_000,
    maxEnqueuedBatches: integer("max_enqueued_batches", 1),
    numBatchThreads: integer("num_batch_threads", 1),
    allowedBatchSizes: sizes.length === 0 ? undefined : allowed,
    padVariableLengthInputs: flag("pad_variable_length_inputs"),
    enableLargeBatchSplitting: splits,
  });
}

/** Those up to the size of runs. TensorFlow Serving wants the last to be the size of inputs, even where runs are smaller. */
function allowedSizes(
  sizes: readonly number[],
  {
    limits: [runLimit, inputLimit],
    wrong,
  }: { readonly limits: readonly [number, number | undefined]; readonly wrong: Wrong },
): readonly number[] {
  const last = sizes.at(-1);
  if (last === undefined) return [];
  if (last !== runLimit && last !== inputLimit)
    throw wrong(`the last of allowed_batch_sizes must be max_batch_size, ${inputLimit ?? runLimit}, got ${last}`);
  const unsorted = sizes.find((size, index) => size <= (sizes[index - 1] ?? 0));
  if (unsorted !== undefined) throw wrong(`allowed_batch_sizes must rise, got ${sizes.join(", ")}`);
  return [...sizes.filter((size) => size < runLimit), runLimit];
}

/** A number or a flag as it is written: in braces, as `max_batch_size { value: 128 }`, or bare. */
function valueOf(message: TextMessage, field: string, wrong: Wrong): string | undefined {
  const value = message.get(field)?.at(-1);
  if (value === undefined) return undefined;
  if (value.kind !== "message") return wordIn(value, field, wrong);
  const [wrapper] = messagesOf(message, field, wrong).slice(-1);
  const inner = wrapper?.get("value")?.at(-1);
  // As in protobuf, a wrapper without a value holds the default of its type.
  return inner === undefined ? "0" : wordIn(inner, field, wrong);
}

function wordIn(value: TextValue, field: string, wrong: Wrong): string {
  if (value.kind !== "word") throw wrong(`${field} must be a number or a word`);
  return value.word;
}

interface IntegerRule {
  readonly field: string;
  readonly least: number;
  readonly wrong: Wrong;
}

function integerOf(word: string, { field, least, wrong }: IntegerRule): number {
  const number = word === "" ? Number.NaN : Number(word);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw wrong(`${field} must be an integer from ${least} on, got ${word}`);
}

/** Without the fields that are undefined. */
function defined(
  parameters: { readonly [K in keyof BatchingParameters]: BatchingParameters[K] | undefined },
): BatchingParameters {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));
}
