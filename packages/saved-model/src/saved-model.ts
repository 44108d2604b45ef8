import { BoundedReader, type MetaGraphDef, SavedModel } from "@servable/tf-proto";
import { withCollectedAssets } from "./collected-assets.js";
import { SavedModelError } from "./saved-model-error.js";

/** The file that makes a folder a SavedModel. */
export const SAVED_MODEL_FILE = "saved_model.pb";

/** Where a SavedModel keeps its checkpoint: `variables/variables.index` and the shards beside it. */
export const VARIABLES_PREFIX = "variables/variables";

/** Where a SavedModel keeps its assets. */
export const ASSETS_FOLDER = "assets";

/** The tags of the graph that is meant for serving. */
export const SERVING_TAGS: readonly string[] = ["serve"];

/** The protocol buffer format ends here; what is longer cannot be one message. */
const MAX_MESSAGE_BYTES = 2 ** 31 - 1;

/** Tags, lengths and integers of one file; graphs of 50 MB, without their constants, have as many. */
const MAX_NUMBERS = 2 ** 23;

/**
 * Decodes saved_model.pb. The result refers to `bytes`, which must not be changed.
 * @throws SavedModelError DATA_LOSS if the bytes are not a SavedModel, or are cut short; UNSUPPORTED if they hold more
 * than can be kept
 */
export function parseSavedModel(bytes: Uint8Array): SavedModel {
  if (bytes.length > MAX_MESSAGE_BYTES) {
    throw new SavedModelError(
      "DATA_LOSS",
      `${SAVED_MODEL_FILE} has ${bytes.length} bytes, more than a message can have`,
    );
  }
  let model: SavedModel;
  const budget = { left: MAX_NUMBERS };
  try {
    model = SavedModel.decode(new BoundedReader(bytes, budget));
    model = { ...model, metaGraphs: withCollectedAssets(model.metaGraphs, bytes) };
  } catch (error) {
    if (budget.left < 0) {
      throw new SavedModelError("UNSUPPORTED", `${SAVED_MODEL_FILE} has more than ${MAX_NUMBERS} fields`, {
        cause: error,
      });
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new SavedModelError("DATA_LOSS", `${SAVED_MODEL_FILE} is not a SavedModel, or is cut short: ${reason}`, {
      cause: error,
    });
  }
  if (model.metaGraphs.length === 0) {
    throw new SavedModelError("DATA_LOSS", `${SAVED_MODEL_FILE} holds no graph; it may be cut short`);
  }
  return model;
}

/**
 * The graph whose set of tags is exactly `tags`.
 * @throws SavedModelError NOT_FOUND with the sets of tags that there are
 */
export function selectMetaGraph(model: SavedModel, tags: readonly string[] = SERVING_TAGS): MetaGraphDef {
  const wanted = tagSet(tags);
  const found = model.metaGraphs.find((metaGraph) => tagSet(tagsOf(metaGraph)) === wanted);
  if (found !== undefined) return found;
  const there = model.metaGraphs.map((metaGraph) => `{${tagsOf(metaGraph).join(", ")}}`).join(", ");
  throw new SavedModelError("NOT_FOUND", `no graph is tagged {${tags.join(", ")}}; there are graphs tagged ${there}`);
}

function tagsOf(metaGraph: MetaGraphDef): readonly string[] {
  return metaGraph.metaInfoDef?.tags ?? [];
}

function tagSet(tags: readonly string[]): string {
  return JSON.stringify([...new Set(tags)].sort());
}
