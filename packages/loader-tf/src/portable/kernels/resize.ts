import { sizeOf, type Tensor } from "@servable/core";
import { boolAttribute, floatAttribute, textAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import type { GraphNode } from "../graph/graph.js";
import { unsupported } from "../graph/graph-error.js";
import { type KernelFactory, type KernelTable, onDevice, onHost } from "../run/kernel.js";
import { bytesFor, spend } from "./host/allowance.js";
import { blank, elementsOf, numbersOf } from "./host/elements.js";
import { pickAxes } from "./host/pick.js";
import {
  type Alignment,
  areaTaps,
  cubicTaps,
  isImages,
  linearTaps,
  nearestTaps,
  resample,
  type Taps,
} from "./host/sampling.js";
import { SAMPLING_KERNELS, scaledTaps } from "./host/scaled-taps.js";
import { checkedShape, formatShape, integersOf, mismatch } from "./host/shapes.js";

const { fround } = Math;

function alignmentOf(node: GraphNode): Alignment {
  return {
    corners: boolAttribute(node, "align_corners", false),
    halfPixel: boolAttribute(node, "half_pixel_centers", false),
  };
}

/** New height and width. */
function sizeFor(x: readonly number[], size: Tensor): readonly [number, number] {
  const [height = 0, width = 0, ...rest] = integersOf(size);
  if (isImages(x) && height > 0 && width > 0 && rest.length === 0) return [height, width];
  throw mismatch(`images of shape ${formatShape(x)} cannot be resized to ${formatShape([height, width])}`);
}

type MakeTaps = (from: number, to: number, alignment: Alignment) => Taps[];

function resize(taps: MakeTaps, device?: string): KernelFactory {
  return (node) => {
    const dtype = dtypeAmong(node, "T", [...DTYPES.numeric, "float16", "bfloat16"]);
    if (dtype === "int64" || dtype === "uint64") throw unsupported(`dtype ${dtype}`);
    const alignment = alignmentOf(node);
    const host = onHost((x, size) => {
      const [height, width] = sizeFor(x.shape, size);
      checkedShape([x.shape[0] ?? 0, height, width, x.shape[3] ?? 0]);
      return resample(x, taps(x.shape[1] ?? 0, height, alignment), taps(x.shape[2] ?? 0, width, alignment));
    });
    if (device === undefined || dtype !== "float32") return host;
    const { corners: alignCorners, halfPixel: halfPixelCenters } = alignment;
    const fast = onDevice((on, x, size) => {
      const wanted = sizeFor(x.shape, size.host());
      spend(bytesFor("float32", sizeOf(checkedShape([x.shape[0] ?? 0, ...wanted, x.shape[3] ?? 0]))));
      return on.run(device, { images: x.device() }, { alignCorners, halfPixelCenters, size: [...wanted] });
    });
    return (on, ...inputs) => ((inputs[0]?.size ?? 0) > 0 ? fast(on, ...inputs) : host(on, ...inputs));
  };
}

const nearest: KernelFactory = (node) => {
  dtypeAmong(node, "T", [...DTYPES.numeric, "float16", "bfloat16"]);
  const alignment = alignmentOf(node);
  return onHost((x, size) => {
    const [height, width] = sizeFor(x.shape, size);
    checkedShape([x.shape[0] ?? 0, height, width, x.shape[3] ?? 0]);
    const picks = [nearestTaps(x.shape[1] ?? 0, height, alignment), nearestTaps(x.shape[2] ?? 0, width, alignment)];
    return pickAxes(x, [undefined, ...picks]);
  });
};

/** Where the elements of a crop lie along one axis; undefined for those outside of the image. */
function cropLine(from: number, to: number, length: number, count: number): (number | undefined)[] {
  // Step by step in float32, as TensorFlow has it: the nearest of two pixels may hang on the last bit.
  const last = length - 1;
  const step = count > 1 ? fround(fround(fround(to - from) * last) / (count - 1)) : 0;
  return Array.from({ length: count }, (_, at) => {
    const place =
      count > 1 ? fround(fround(from * last) + fround(at * step)) : fround(fround(0.5 * fround(from + to)) * last);
    return place >= 0 && place <= length - 1 ? place : undefined;
  });
}

/** Cuts boxes (y1, x1, y2, x2, as shares of the image) out of images and brings them to one size. */
const cropAndResize: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", [...DTYPES.numeric, "float16", "bfloat16"]);
  if (dtype === "int64" || dtype === "uint64") throw unsupported(`dtype ${dtype}`);
  const method = textAttribute(node, "method", "bilinear");
  if (method !== "bilinear" && method !== "nearest") throw unsupported(`method ${method}`);
  const outside = floatAttribute(node, "extrapolation_value", 0);
  return onHost((images, boxes, owners, size) => {
    const [height, width] = sizeFor(images.shape, size);
    const [batch = 0, oldHeight = 0, oldWidth = 0, channels = 0] = images.shape;
    const [corners, source] = [numbersOf(boxes), numbersOf(images)];
    const result = blank("float32", [boxes.shape[0] ?? 0, height, width, channels]);
    const target = elementsOf(result);
    let to = 0;
    for (const [box, image] of integersOf(owners).entries()) {
      if (image < 0 || image >= batch) throw mismatch(`box ${box} is of image ${image} of ${batch}`);
      const [y1 = 0, x1 = 0, y2 = 0, x2 = 0] = [0, 1, 2, 3].map((at) => corners[box * 4 + at]);
      const columns = cropLine(x1, x2, oldWidth, width);
      const pixel = (y: number, x: number, channel: number): number =>
        source[((image * oldHeight + y) * oldWidth + x) * channels + channel] ?? 0;
      for (const y of cropLine(y1, y2, oldHeight, height)) {
        for (const x of columns) {
          for (let channel = 0; channel < channels; channel++) {
            if (y === undefined || x === undefined) target[to++] = outside;
            else if (method === "nearest") target[to++] = pixel(Math.round(y), Math.round(x), channel);
            else target[to++] = blend(y, x, (row, column) => pixel(row, column, channel));
          }
        }
      }
    }
    return result;
  });
};

/** Linear between the four pixels around a place. */
function blend(y: number, x: number, pixel: (y: number, x: number) => number): number {
  const [top, left] = [Math.floor(y), Math.floor(x)];
  const [bottom, right] = [Math.ceil(y), Math.ceil(x)];
  const upper = pixel(top, left) + (pixel(top, right) - pixel(top, left)) * (x - left);
  const lower = pixel(bottom, left) + (pixel(bottom, right) - pixel(bottom, left)) * (x - left);
  return upper + (lower - upper) * (y - top);
}

/** Images scaled and moved, with any of the kernels that images are sampled with. */
const scaleAndTranslate: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, "T", [...DTYPES.numeric, "float16", "bfloat16"]);
  if (dtype === "int64" || dtype === "uint64") throw unsupported(`dtype ${dtype}`);
  const name = textAttribute(node, "kernel_type", "lanczos3");
  const kernel = SAMPLING_KERNELS[name];
  if (kernel === undefined) throw unsupported(`kernel_type ${name}`);
  const antialias = boolAttribute(node, "antialias", true);
  return onHost((x, size, scale, translation) => {
    const wanted = sizeFor(x.shape, size);
    checkedShape([x.shape[0] ?? 0, ...wanted, x.shape[3] ?? 0]);
    const [rows, columns] = wanted.map((to, axis) => {
      const [by = 0, move = 0] = [numbersOf(scale)[axis], numbersOf(translation)[axis]];
      if (!(by > 0)) throw mismatch(`images cannot be scaled by ${by}`);
      return scaledTaps(x.shape[axis + 1] ?? 0, to, { kernel, scale: by, translation: move, antialias });
    });
    return resample(x, rows ?? [], columns ?? []);
  });
};

/** Operations that bring images to another size. */
export const RESIZE: KernelTable = {
  CropAndResize: cropAndResize,
  ResizeArea: resize(areaTaps),
  ResizeBicubic: resize(cubicTaps),
  ResizeBilinear: resize(linearTaps, "ResizeBilinear"),
  ResizeNearestNeighbor: nearest,
  ScaleAndTranslate: scaleAndTranslate,
};
