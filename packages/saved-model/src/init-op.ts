import type { MetaGraphDef } from "@servable/tf-proto";
import { INIT_OP_SIGNATURE } from "./signatures.js";

/** Collections under which TensorFlow 1 keeps the op that initialises tables, the newest name first. */
const INIT_COLLECTIONS = ["saved_model_main_op", "legacy_init_op"];

/** The node that must run once before anything else, to fill tables and the like; undefined where there is none. */
export function initOpOf(metaGraph: MetaGraphDef): string | undefined {
  const outputs = metaGraph.signatureDef.get(INIT_OP_SIGNATURE)?.outputs ?? new Map();
  for (const info of outputs.values()) {
    if (info.encoding?.$case === "name") return info.encoding.value.replace(/:\d+$/, "");
  }
  for (const name of INIT_COLLECTIONS) {
    const kind = metaGraph.collectionDef.get(name)?.kind;
    const [node] = kind?.$case === "nodeList" ? kind.value.value : [];
    if (node !== undefined) return node.replace(/:\d+$/, "");
  }
  return undefined;
}

/** An asset file and the tensor that holds its path while the initializer runs. */
export interface Asset {
  readonly filename: string;
  readonly tensorName: string;
}

/** The files under assets/ that the graph reads. */
export function assetsOf(metaGraph: MetaGraphDef): readonly Asset[] {
  return metaGraph.assetFileDef.map(({ filename, tensorInfo }) => ({
    filename,
    tensorName: tensorInfo?.encoding?.$case === "name" ? tensorInfo.encoding.value : "",
  }));
}
