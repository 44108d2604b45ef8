import {
  type FileEntry,
  formatId,
  type LoadContext,
  type Loaded,
  type Loader,
  type ModelFiles,
  type OpenFiles,
  type Progress,
  ServingError,
} from "@servable/core";
import { SavedModelError, SERVING_TAGS } from "@servable/saved-model";
import type { Engine, EngineModel } from "./engine/engine.js";
import { type TfServable, tfServable } from "./tf-servable.js";
import { resolveWarmUp, type WarmUpOptions } from "./warm-up/warm-up-options.js";
import { warmedUp } from "./warm-up/warmed-up.js";

/** What every engine is told of the models that it is to load. */
export interface ModelOptions {
  /** Tags of the graph to load. @defaultValue ["serve"] */
  readonly tags?: readonly string[];
  /**
   * Whether a version makes the calls of its `assets.extra/tf_serving_warmup_requests`, where it has that file, before it
   * is available; a call that fails fails the load. @defaultValue true
   */
  readonly warmUp?: boolean | WarmUpOptions;
}

/** Makes a loader of a SavedModel out of its files. */
export type SavedModelLoader = (files: ModelFiles) => Loader<TfServable>;

/**
 * {@link SavedModelLoader} on an engine.
 * @throws ServingError INVALID_ARGUMENT for a bad option
 */
export function savedModelOn(engine: Engine, options: ModelOptions): SavedModelLoader {
  const { tags = SERVING_TAGS } = options;
  const warmUp = resolveWarmUp(options.warmUp ?? true);
  return (files) => ({
    estimateResources: async (context) => {
      try {
        return await engine.estimate(await filesListed(files, context));
      } catch (error) {
        throw named(error, context.id);
      }
    },
    load: async (context) => {
      const { id, signal } = context;
      const open = await files.open(context);
      try {
        const report = (progress: Progress): void => context.report(progress);
        const model = await engine.open({ id, files: open, tags, signal, report });
        const { copies = 1 } = model;
        return await warmedUp(
          loadedModel(id, model, open),
          { files: open, copies, options: warmUp },
          { signal, report },
        );
      } catch (error) {
        await open[Symbol.asyncDispose]();
        signal.throwIfAborted();
        throw named(error, id);
      }
    },
  });
}

/** Asks for the sizes without fetching the files where that can be done; what `open` has fetched, `load` finds again. */
async function filesListed(files: ModelFiles, context: LoadContext): Promise<readonly FileEntry[]> {
  if (files.list !== undefined) return files.list(context);
  await using open = await files.open(context);
  return open.list();
}

function loadedModel(id: LoadContext["id"], model: EngineModel, open: OpenFiles): Loaded<TfServable> {
  let disposed: Promise<void> | undefined;
  const dispose = async (): Promise<void> => {
    try {
      await model.close();
    } finally {
      await open[Symbol.asyncDispose]();
    }
  };
  return {
    servable: tfServable(id, model),
    resources: model.resources,
    describe: () => model.describe(),
    [Symbol.asyncDispose]: () => (disposed ??= dispose()),
  };
}

function named(error: unknown, id: LoadContext["id"]): unknown {
  if (error instanceof SavedModelError || ServingError.is(error)) {
    return new ServingError(error.code, `${formatId(id)}: ${error.message}`, { cause: error });
  }
  return error;
}
