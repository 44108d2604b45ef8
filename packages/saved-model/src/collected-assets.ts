import { AssetFileDef, type MetaGraphDef } from "@servable/tf-proto";
import { fieldsOf } from "./wire.js";

/** The collection under which TensorFlow 1 keeps what TensorFlow 2 has in the field asset_file_def. */
const ASSETS_COLLECTION = "saved_model_assets";

// Numbers of fields on the way from a SavedModel to the assets of a collection.
const META_GRAPHS = 2;
const COLLECTION_DEF = 4;
const MAP_KEY = 1;
const MAP_VALUE = 2;
const ANY_LIST = 5;
const ANY_LIST_VALUE = 1;
const ANY_VALUE = 2;

/**
 * The graphs of a SavedModel, with the assets of those that TensorFlow 1 exported. They lie in messages of any type,
 * which the decoder skips, so that they are read off the bytes of the file.
 * @throws an error of the decoder or a SavedModelError if an asset is corrupt
 */
export function withCollectedAssets(metaGraphs: MetaGraphDef[], file: Uint8Array): MetaGraphDef[] {
  const isOld = ({ assetFileDef, collectionDef }: MetaGraphDef): boolean =>
    assetFileDef.length === 0 && collectionDef.has(ASSETS_COLLECTION);
  if (!metaGraphs.some(isOld)) return metaGraphs;
  const graphs = bytesOf(file, META_GRAPHS);
  return metaGraphs.map((metaGraph, index) =>
    isOld(metaGraph) ? { ...metaGraph, assetFileDef: collectedIn(graphs[index] ?? new Uint8Array(0)) } : metaGraph,
  );
}

function collectedIn(metaGraph: Uint8Array): AssetFileDef[] {
  return bytesOf(metaGraph, COLLECTION_DEF)
    .filter((entry) => bytesOf(entry, MAP_KEY).some((key) => new TextDecoder().decode(key) === ASSETS_COLLECTION))
    .flatMap((entry) => bytesOf(entry, MAP_VALUE))
    .flatMap((collection) => bytesOf(collection, ANY_LIST))
    .flatMap((list) => bytesOf(list, ANY_LIST_VALUE))
    .flatMap((any) => bytesOf(any, ANY_VALUE))
    .map((asset) => AssetFileDef.decode(asset));
}

/** What the fields with the number `wanted` hold, as views; those that hold no bytes are skipped. */
function bytesOf(message: Uint8Array, wanted: number): Uint8Array[] {
  const fields = Array.from(fieldsOf(message, "saved_model.pb"));
  return fields.flatMap(({ number, type, value }) => (number === wanted && type === "bytes" ? [value] : []));
}
