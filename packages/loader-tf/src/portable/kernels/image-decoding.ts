import { boolAttribute, intAttribute, textAttribute } from "../graph/attributes.js";
import { dtypeAmong } from "../graph/dtypes.js";
import type { GraphNode } from "../graph/graph.js";
import { malformed } from "../graph/graph-error.js";
import type { Image } from "../images/image.js";
import { decodeJpeg, type JpegForm } from "../images/jpeg/decode-jpeg.js";
import { decodePng } from "../images/png/decode-png.js";
import { type KernelFactory, type KernelTable, onHost } from "../run/kernel.js";
import { stringOf } from "./host/bytes.js";
import { integersOf, mismatch } from "./host/shapes.js";
import type { Tensor } from "@servable/core";

/** The channels that a result should have; 0 for those of the file. */
function channelsOf(node: GraphNode, allowed: readonly number[]): number {
  const channels = intAttribute(node, "channels", 0);
  if (allowed.includes(channels)) return channels;
  throw malformed(`images of ${channels} channels cannot be decoded`);
}

function tensorOf({ height, width, channels, data }: Image): Tensor {
  const dtype = data instanceof Uint16Array ? "uint16" : "uint8";
  return { dtype, shape: [height, width, channels], data };
}

const png: KernelFactory = (node) => {
  const channels = channelsOf(node, [0, 1, 3, 4]);
  const bits = dtypeAmong(node, "dtype", ["uint8", "uint16"]) === "uint16" ? 16 : 8;
  return onHost((contents) => tensorOf(decodePng(stringOf(contents), { channels, bits })));
};

/** How JPEG images are wanted. */
function jpegForm(node: GraphNode): JpegForm {
  const ratio = intAttribute(node, "ratio", 1);
  if (![1, 2, 4, 8].includes(ratio)) throw malformed(`images cannot be made ${ratio} times smaller`);
  return {
    channels: channelsOf(node, [0, 1, 3]),
    ratio,
    isAccurate: textAttribute(node, "dct_method", "") === "INTEGER_ACCURATE",
    isSmooth: boolAttribute(node, "fancy_upscaling", true),
    isRecovered: boolAttribute(node, "try_recover_truncated", false),
  };
}

const jpeg: KernelFactory = (node) => {
  const form = jpegForm(node);
  return onHost((contents) => tensorOf(decodeJpeg(stringOf(contents), form)));
};

const croppedJpeg: KernelFactory = (node) => {
  const form = jpegForm(node);
  return onHost((contents, window) => {
    const [y = 0, x = 0, height = 0, width = 0] = integersOf(window);
    if (window.data.length !== 4) throw mismatch(`a crop is four numbers, got ${window.data.length}`);
    return tensorOf(decodeJpeg(stringOf(contents), { ...form, crop: { y, x, height, width } }));
  });
};

/** Operations that decode images. */
export const IMAGE_DECODING: KernelTable = { DecodeAndCropJpeg: croppedJpeg, DecodeJpeg: jpeg, DecodePng: png };
