import {
  type LoadContext,
  type Loaded,
  type OpenFiles,
  type Predictor,
  replay,
  ServingError,
  type WarmUpCall,
} from "@servable/core";
import { WARM_UP_FILE, warmUpCalls } from "@servable/saved-model";
import { madeUpCalls } from "./made-up-calls.js";
import type { WarmUpOptions } from "./warm-up-options.js";

/** What a version is warmed up with. */
export interface WarmUp {
  /** The version's files. */
  readonly files: OpenFiles;
  /** Copies that the engine keeps of the model, each of which must get warm. */
  readonly copies: number;
  /** undefined for no warm-up. */
  readonly options: Required<WarmUpOptions> | undefined;
}

/**
 * Replays the calls of a version's warm-up file, where it has one, and those made up for batch sizes; `describe()` then
 * tells of them under `warmUp`.
 *
 * A recorded call that fails ends it. A model may refuse made-up inputs, an empty string that is no image say: that is
 * noted, and other failures of made-up calls end it. What was loaded is then released.
 * @throws the reason of `context.signal` when it aborts; SavedModelError for a file that cannot be replayed;
 * ServingError for a call that fails
 */
export async function warmedUp<S extends Predictor>(
  loaded: Loaded<S>,
  { files, copies, options }: WarmUp,
  context: Pick<LoadContext, "signal" | "report">,
): Promise<Loaded<S>> {
  if (options === undefined) return loaded;
  try {
    const hasFile = (await files.list()).some(({ name }) => name === WARM_UP_FILE);
    const file = hasFile ? await files.read(WARM_UP_FILE) : new Uint8Array(0);
    const { batchSizes, numRequestIterations: iterations } = options;
    if (file.length === 0 && batchSizes.length === 0) return loaded;
    context.report({ stage: "warm up" });
    const how = { iterations, copies, signal: context.signal };
    const recorded = await replay(loaded.servable, recordedCalls(file), how);
    const warmUp = { recorded, ...(await replayMadeUp(loaded.servable, batchSizes, how)) };
    return {
      servable: loaded.servable,
      ...(loaded.resources !== undefined && { resources: loaded.resources }),
      describe: () => ({ ...loaded.describe?.(), warmUp }),
      [Symbol.asyncDispose]: () => loaded[Symbol.asyncDispose](),
    };
  } catch (error) {
    await loaded[Symbol.asyncDispose]();
    throw error;
  }
}

interface MadeUp {
  /** Calls with made-up inputs. */
  readonly madeUp: number;
  /** Why the model refused others. */
  readonly refused: readonly string[];
}

async function replayMadeUp(
  servable: Predictor,
  batchSizes: readonly number[],
  how: Parameters<typeof replay>[2],
): Promise<MadeUp> {
  const refused: string[] = [];
  let madeUp = 0;
  for (const call of madeUpCalls(servable.signatures, batchSizes)) {
    try {
      madeUp += await replay(servable, [call], how);
    } catch (error) {
      if (!ServingError.is(error) || error.code !== "INVALID_ARGUMENT") throw error;
      refused.push(error.message);
    }
  }
  return { madeUp, refused };
}

/** As for TensorFlow Serving, an empty name is the default signature and an empty filter filters nothing. */
function* recordedCalls(file: Uint8Array): Generator<WarmUpCall, void> {
  for (const { signature, inputs, outputs } of warmUpCalls(file)) {
    yield { inputs, ...(signature !== "" && { signature }), ...(outputs.length > 0 && { outputs }) };
  }
}
