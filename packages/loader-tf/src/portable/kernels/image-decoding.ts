import { boolAttribute, floatAttribute, intAttribute, textAttribute, typeAttribute } from "../graph/attributes.js";
import type { GraphNode } from "../graph/graph.js";
import { unsupported } from "../graph/graph-error.js";
import { decodePng } from "../images/png/decode-png.js";
import { type KernelFactory, type KernelTable, onHost } from "../run/kernel.js";
import { stringOf } from "./host/bytes.js";

const png: KernelFactory = (node) => {
  const channels = intAttribute(node, "channels", 0);
  const dtype = typeAttribute(node, "dtype", "uint8");
  return onHost((contents) => {
    const image = decodePng(stringOf(contents), { channels, bits: dtype === "uint16" ? 16 : 8 });
    return { dtype, shape: [image.height, image.width, image.channels], data: image.data };
  });
};
export const IMAGE_DECODING: KernelTable = { DecodePng: png };
