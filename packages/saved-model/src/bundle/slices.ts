import type { BundleEntryProto, TensorSliceProto } from "@servable/tf-proto";
import { SavedModelError } from "../saved-model-error.js";
import type { Slice } from "./slice-key.js";

/**
 * Comparing parts with each other takes the square of their number, times the rank: a second at most. TensorFlow's
 * partitioners make tens of parts; a matrix may have 5,792.
 */
const MAX_COMPARISONS = 2 ** 26;

/**
 * The parts that a partitioned tensor of `shape` was saved as.
 * @throws SavedModelError DATA_LOSS if they do not cover the tensor exactly once
 */
export function slicesOf(entry: BundleEntryProto, shape: readonly number[], where: string): readonly Slice[] {
  if (entry.slices.length ** 2 * shape.length > MAX_COMPARISONS) {
    throw new SavedModelError("UNSUPPORTED", `${where}: ${entry.slices.length} parts are too many`);
  }
  const slices = entry.slices.map((slice) => sliceOf(slice, shape, where));
  const covered = slices.reduce((sum, slice) => sum + sizeOf(slice.shape), 0);
  // Parts that do not meet and add up to the whole are the whole.
  const meet = slices.some((one, index) => slices.slice(index + 1).some((other) => overlaps(one, other)));
  if (covered === sizeOf(shape) && !meet) return slices;
  throw new SavedModelError("DATA_LOSS", `${where}: its parts do not cover [${shape.join(", ")}] exactly once`);
}

function sliceOf({ extent }: TensorSliceProto, full: readonly number[], where: string): Slice {
  const start = full.map((_, dimension) => Number(extent[dimension]?.start ?? 0n));
  const shape = full.map((size, dimension) => Number(extent[dimension]?.hasLength?.value ?? size));
  const all = full.map((_, dimension) => extent[dimension]?.hasLength === undefined);
  const inside = full.every(
    (size, d) => (start[d] ?? 0) >= 0 && (shape[d] ?? 0) >= 0 && end({ start, shape, all }, d) <= size,
  );
  if (extent.length === full.length && inside) return { start, shape, all };
  throw new SavedModelError("DATA_LOSS", `${where}: a part reaches beyond [${full.join(", ")}]`);
}

function end({ start, shape }: Slice, dimension: number): number {
  return (start[dimension] ?? 0) + (shape[dimension] ?? 0);
}

function overlaps(one: Slice, other: Slice): boolean {
  return one.start.every((from, d) => from < end(other, d) && (other.start[d] ?? 0) < end(one, d));
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A part and its bytes, row-major. */
export interface SliceBytes {
  readonly slice: Slice;
  readonly bytes: Uint8Array;
}

/** The bytes of a whole tensor of `shape` from those of its parts, `item` bytes per element. */
export function joinSlices(parts: readonly SliceBytes[], shape: readonly number[], item: number): Uint8Array {
  const joined = new Uint8Array(sizeOf(shape) * item);
  // Of a part without elements there is nothing to place, but other dimensions may be as large as they like.
  for (const part of parts) if (part.bytes.length > 0) place(part, joined, { shape, item });
  return joined;
}

interface Layout {
  readonly shape: readonly number[];
  readonly item: number;
}

function place({ slice, bytes }: SliceBytes, target: Uint8Array, { shape, item }: Layout): void {
  const stride = shape.map((_, dimension) => sizeOf(shape.slice(dimension + 1)) * item);
  // Dimensions at the end that the part covers whole make one run of bytes with the one before them.
  let axis = shape.length - 1;
  while (axis > 0 && slice.shape[axis] === shape[axis]) axis--;
  const run = (slice.shape[axis] ?? 1) * (stride[axis] ?? item);
  let from = 0;
  const visit = (dimension: number, offset: number): void => {
    const to = offset + (slice.start[dimension] ?? 0) * (stride[dimension] ?? 0);
    if (dimension >= axis) {
      target.set(bytes.subarray(from, from + run), to);
      from += run;
      return;
    }
    for (let index = 0; index < (slice.shape[dimension] ?? 0); index++) {
      visit(dimension + 1, to + index * (stride[dimension] ?? 0));
    }
  };
  visit(0, 0);
}
