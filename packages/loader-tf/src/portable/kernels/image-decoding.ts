import type { DType, Tensor } from "@servable/core";
import { boolAttribute, floatAttribute, intAttribute, textAttribute, typeAttribute } from "../graph/attributes.js";
import type { GraphNode } from "../graph/graph.js";
import { malformed, unsupported } from "../graph/graph-error.js";
import { decodeBmp } from "../images/bmp.js";
import { decodeAnimation, decodeImage, formatOf, frameOf, type ImageForm } from "../images/decode-image.js";
import type { Animation } from "../images/gif/decode-gif.js";
import type { Image } from "../images/image.js";
import { decodeJpeg, type JpegForm } from "../images/jpeg/decode-jpeg.js";
import { jpegHeader } from "../images/jpeg/jpeg-file.js";
import { type KernelFactory, type KernelTable, onHost } from "../run/kernel.js";
import { stringOf } from "./host/bytes.js";
import { tensorOfNumbers } from "./host/elements.js";
import { integersOf, mismatch } from "./host/shapes.js";

/** How images are decoded of which nothing is said. */
const PLAIN: ImageForm = { channels: 0, bits: 8, ratio: 1, isAccurate: false, isSmooth: true, isRecovered: false };

/** The channels that a result should have; 0 for those of the file. */
function channelsOf(node: GraphNode, allowed: readonly number[]): number {
  const channels = intAttribute(node, "channels", 0);
  if (allowed.includes(channels)) return channels;
  throw malformed(`images of ${channels} channels cannot be decoded`);
}

/** The type of a result; the first of those allowed if the node says nothing. */
function typeAmong<D extends DType>(node: GraphNode, name: string, allowed: readonly [D, ...D[]]): D {
  const dtype = typeAttribute(node, name, allowed[0]);
  const found = allowed.find((each) => each === dtype);
  if (found === undefined) throw unsupported(`dtype ${dtype}`);
  return found;
}

function imageTensor({ height, width, channels, data }: Image): Tensor {
  const dtype = data instanceof Uint16Array ? "uint16" : "uint8";
  return { dtype, shape: [height, width, channels], data };
}

function animationTensor({ frames, height, width, data }: Animation): Tensor {
  return { dtype: "uint8", shape: [frames, height, width, 3], data };
}

const png: KernelFactory = (node) => {
  const channels = channelsOf(node, [0, 1, 3, 4]);
  const bits = typeAmong(node, "dtype", ["uint8", "uint16"]) === "uint16" ? 16 : 8;
  return onHost((contents) => imageTensor(decodeSingle(contents, { ...PLAIN, channels, bits })));
};

/** The operations for PNG and JPEG decode all formats but BMP. */
function decodeSingle(contents: Tensor, form: ImageForm): Image {
  const bytes = stringOf(contents);
  if (formatOf(bytes) === "BMP") throw mismatch("DecodeBmp or DecodeImage is wanted for a BMP image");
  return decodeImage(bytes, form);
}

/** How JPEG images are wanted. */
function jpegForm(node: GraphNode): JpegForm {
  const ratio = intAttribute(node, "ratio", 1);
  if (![1, 2, 4, 8].includes(ratio)) throw malformed(`images cannot be made ${ratio} times smaller`);
  const isRecovered = boolAttribute(node, "try_recover_truncated", false);
  const fraction = floatAttribute(node, "acceptable_fraction", 1);
  if (fraction < 1 && !isRecovered) throw unsupported(`acceptable_fraction ${fraction} of a file that breaks off`);
  return {
    channels: channelsOf(node, [0, 1, 3]),
    ratio,
    isAccurate: textAttribute(node, "dct_method", "") === "INTEGER_ACCURATE",
    isSmooth: boolAttribute(node, "fancy_upscaling", true),
    isRecovered,
  };
}

const jpeg: KernelFactory = (node) => {
  const form: ImageForm = { ...jpegForm(node), bits: 8 };
  return onHost((contents) => imageTensor(decodeSingle(contents, form)));
};

const croppedJpeg: KernelFactory = (node) => {
  const form = jpegForm(node);
  return onHost((contents, window) => {
    const [y = 0, x = 0, height = 0, width = 0, ...rest] = integersOf(window);
    if (rest.length > 0 || window.data.length < 4) throw mismatch("a crop is four numbers: top, left, height, width");
    return imageTensor(decodeJpeg(stringOf(contents), { ...form, crop: { y, x, height, width } }));
  });
};

const bmp: KernelFactory = (node) => {
  const channels = channelsOf(node, [0, 1, 3, 4]);
  return onHost((contents) => imageTensor(decodeBmp(stringOf(contents), channels)));
};

const gif: KernelFactory = () =>
  onHost((contents) => {
    const bytes = stringOf(contents);
    if (formatOf(bytes) === "GIF") return animationTensor(decodeAnimation(bytes, PLAIN));
    const { height, width, channels, data } = decodeSingle(contents, { ...PLAIN, channels: 3 });
    return { dtype: "uint8", shape: [1, height, width, channels], data };
  });

const image: KernelFactory = (node) => {
  const channels = channelsOf(node, [0, 1, 3, 4]);
  const dtype = typeAmong(node, "dtype", ["uint8", "uint16", "float32"]);
  const isExpanded = boolAttribute(node, "expand_animations", true);
  return onHost((contents) => {
    const bytes = stringOf(contents);
    const format = formatOf(bytes);
    // Of 16 bits floats keep what PNG has; other formats would only be scaled twice.
    const bits = dtype === "uint16" || (dtype === "float32" && format === "PNG") ? 16 : 8;
    if (format !== "GIF") return inDtype(imageTensor(decodeImage(bytes, { ...PLAIN, channels, bits })), dtype);
    const animation = decodeAnimation(bytes, { channels });
    return inDtype(isExpanded ? animationTensor(animation) : imageTensor(frameOf(animation)), dtype);
  });
};

/** Samples in the dtype that is wanted: 16 bits, or floats from 0 to 1. */
function inDtype(samples: Tensor, dtype: "uint8" | "uint16" | "float32"): Tensor {
  if (samples.dtype === dtype) return samples;
  const { shape } = samples;
  const numbers = samples.data as Uint8Array | Uint16Array;
  if (dtype === "uint16") return { dtype, shape, data: Uint16Array.from(numbers, (value) => value << 8) };
  const greatest = samples.dtype === "uint16" ? 65_535 : 255;
  return { dtype: "float32", shape, data: Float32Array.from(numbers, (value) => value / greatest) };
}

const shape: KernelFactory = (node) => {
  const dtype = typeAmong(node, "output_type", ["int32", "int64"]);
  return onHost((contents) => {
    const { height, width, specifications } = jpegHeader(stringOf(contents));
    return tensorOfNumbers(dtype, [3], [height, width, specifications.length]);
  });
};

/** Operations that decode images. */
export const IMAGE_DECODING: KernelTable = {
  DecodeAndCropJpeg: croppedJpeg,
  DecodeBmp: bmp,
  DecodeGif: gif,
  DecodeImage: image,
  DecodeJpeg: jpeg,
  DecodePng: png,
  ExtractJpegShape: shape,
};
