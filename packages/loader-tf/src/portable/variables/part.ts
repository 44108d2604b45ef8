import type { Tensor } from "@servable/core";
import { malformed } from "../graph/graph-error.js";
import { stridesOf } from "../kernels/host/shapes.js";
import { copyView } from "../kernels/host/strided.js";
import type { Stored } from "./restore.js";

/**
 * The part of a whole tensor that a partitioned variable holds.
 * @throws ServingError DATA_LOSS for a slice that is not one of the tensor
 */
export function partOf(whole: Tensor, { key, slice }: Stored): Tensor {
  if (slice === "") return whole;
  const words = slice.trim().split(/ +/);
  const extents = (words.pop() ?? "").split(":");
  const broken = (): Error => malformed(`"${slice}" is no slice of ${key}, whose shape is [${whole.shape.join(", ")}]`);
  if (words.join() !== whole.shape.join() || extents.length !== whole.shape.length) throw broken();
  const ranges = extents.map((extent, axis): { start: number; length: number } => {
    const size = whole.shape[axis] ?? 0;
    if (extent === "-") return { start: 0, length: size };
    const [start = Number.NaN, length = Number.NaN, ...more] = extent.split(",").map(Number);
    const isInside = Number.isSafeInteger(start) && Number.isSafeInteger(length) && start >= 0 && length >= 0;
    if (!isInside || more.length > 0 || start + length > size) throw broken();
    return { start, length };
  });
  const strides = stridesOf(whole.shape);
  const offset = ranges.reduce((sum, { start }, axis) => sum + start * (strides[axis] ?? 0), 0);
  return copyView(whole, { shape: ranges.map(({ length }) => length), strides, offset });
}
