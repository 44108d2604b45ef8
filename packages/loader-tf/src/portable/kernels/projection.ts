import { type Tensor } from "@servable/core";
import { textAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { unsupported } from "../graph/graph-error.js";
import { type KernelFactory, type KernelTable, onHost } from "../run/kernel.js";
import { FILL_MODES, project } from "./host/projection.js";
import { isImages } from "./host/sampling.js";
import { formatShape, integersOf, mismatch } from "./host/shapes.js";

const projective: KernelFactory = (node) => {
  dtypeAmong(node, { name: "dtype", fallback: "float32" }, [...DTYPES.floating, "uint8", "int32", "int64"]);
  const interpolation = textAttribute(node, "interpolation", "NEAREST");
  const name = textAttribute(node, "fill_mode", "CONSTANT");
  const mode = FILL_MODES[name];
  if (mode === undefined || !["BILINEAR", "NEAREST"].includes(interpolation)) {
    throw unsupported(`interpolation ${interpolation}, filled by ${name}`);
  }
  const compute = (images: Tensor, transforms: Tensor, size: Tensor, ...rest: readonly Tensor[]): Tensor => {
    const [height = 0, width = 0] = integersOf(size);
    const [sets = 0, numbers] = transforms.shape;
    if (!isImages(images.shape) || numbers !== 8 || (sets !== 1 && sets !== images.shape[0])) {
      throw mismatch(`images ${formatShape(images.shape)} do not go with transforms ${formatShape(transforms.shape)}`);
    }
    if (!(height > 0 && width > 0)) throw mismatch(`images cannot be ${height} by ${width}`);
    const fill = Number(rest[0]?.data[0] ?? 0);
    return project(images, transforms, { height, width, isSmooth: interpolation === "BILINEAR", mode, fill });
  };
  return onHost(compute);
};

/** Operations that turn, move and tilt images. */
export const PROJECTION: KernelTable = {
  ImageProjectiveTransformV2: projective,
  ImageProjectiveTransformV3: projective,
};
