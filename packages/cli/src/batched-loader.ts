import { type BatchingOptions, batchScheduler, withBatching } from "@servable/batching";
import { formatId, type LoadContext, type Loader, type ModelFiles, type Predictor, ServingError } from "@servable/core";
import { type BatchingParameters, parseBatchingParameters } from "./batching-parameters.js";
import { readFlagFile } from "./read-flag-file.js";
import { UsageError } from "./usage-error.js";

/** What the flags say of batching. */
export type BatchingChoice =
  | { readonly kind: "off" }
  /** All models by one file; undefined for our defaults. `perModel` takes what a version's own file says instead. */
  | { readonly kind: "on"; readonly file: string | undefined; readonly perModel: boolean };

/** The file in a version's folder that says how it is batched. */
const PER_MODEL_FILE = "batching_params.pbtxt";

/** Makes a loader of a version out of its files. */
export type ToLoader = (files: ModelFiles) => Loader<Predictor>;

/**
 * Puts batching in front of what a loader loads. As in TensorFlow Serving `num_batch_threads` is one limit for all
 * models; with parameters per model, those without a file are not batched.
 * @throws UsageError if the file cannot be read, or says what is not possible
 */
export async function batchedLoader(toLoader: ToLoader, choice: BatchingChoice): Promise<ToLoader> {
  if (choice.kind === "off") return toLoader;
  const { file, perModel } = choice;
  const flag = "batching_parameters_file";
  const common = file === undefined ? {} : parseBatchingParameters(await readFlagFile(flag, file), `--${flag}=${file}`);
  const { numBatchThreads } = common;
  // A model that cannot be batched is served all the same.
  const always: BatchingOptions = {
    withoutBatchDimension: "pass",
    ...(numBatchThreads !== undefined && {
      numBatchThreads,
      scheduler: batchScheduler({ maxRunsInFlight: numBatchThreads }),
    }),
  };
  if (!perModel) {
    const decorate = withBatching({ ...common, ...always });
    return (files) => decorate(toLoader(files));
  }
  return (files) => {
    const loader = toLoader(files);
    return {
      ...loader,
      async load(context) {
        const own = await ownParameters(files, context);
        return own === undefined ? loader.load(context) : withBatching({ ...own, ...always })(loader).load(context);
      },
    };
  };
}

/** What a version's own file says; undefined without one. */
async function ownParameters(files: ModelFiles, context: LoadContext): Promise<BatchingParameters | undefined> {
  await using open = await files.open(context);
  if (!(await open.list()).some(({ name }) => name === PER_MODEL_FILE)) return undefined;
  const text = new TextDecoder().decode(await open.read(PER_MODEL_FILE));
  try {
    return parseBatchingParameters(text, `${formatId(context.id)}: ${PER_MODEL_FILE}`);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new ServingError("FAILED_PRECONDITION", error.message, { cause: error });
  }
}
