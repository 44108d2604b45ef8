import { floatsAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHost } from "../run/kernel.js";
import { tensorOfNumbers } from "./host/elements.js";
import { formatShape, integerOf, integersOf, mismatch, stridesOf } from "./host/shapes.js";
import { indexType } from "./sorting.js";

/** The number of boundaries that each element has reached. */
const bucketize: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.numeric);
  const boundaries = floatsAttribute(node, "boundaries");
  return onHost((x) => {
    const found = Array.from(x.data as ArrayLike<number | bigint>, (element) => {
      const value = Number(element);
      const bucket = boundaries.findIndex((boundary) => value < boundary);
      return bucket === -1 ? boundaries.length : bucket;
    });
    return tensorOfNumbers("int32", x.shape, found);
  });
};

/** How many values fall into each of the equal parts of a range; what lies outside goes into the first or last. */
const histogram: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.numeric);
  const dtype = indexType(node, "dtype");
  return onHost((values, range, bins) => {
    const [low, high] = [Number(range.data[0]), Number(range.data[1])];
    const size = integerOf(bins);
    if (!(low < high) || size < 1) throw mismatch(`${size} parts of the range from ${low} to ${high}`);
    const counts = Array.from({ length: size }, () => 0);
    for (const element of values.data) {
      const bin = Math.floor(((Number(element) - low) / (high - low)) * size);
      const at = Math.min(Math.max(bin, 0), size - 1);
      counts[at] = (counts[at] ?? 0) + 1;
    }
    return tensorOfNumbers(dtype, [size], counts);
  });
};

/** Flat indices as one index for each dimension, dimensions first. */
const unravel: KernelFactory = (node) => {
  const dtype = dtypeAmong(node, { name: "Tidx", fallback: "int32" }, ["int32", "int64"]);
  return onHost((indices, dims) => {
    const shape = integersOf(dims);
    const strides = stridesOf(shape);
    const flat = integersOf(indices);
    const size = shape.reduce((product, length) => product * length, 1);
    const wrong = flat.find((index) => index < 0 || index >= size);
    if (wrong !== undefined) throw mismatch(`index ${wrong} lies outside of ${formatShape(shape)}`);
    const found = strides.flatMap((stride, axis) =>
      flat.map((index) => Math.floor(index / stride) % (shape[axis] ?? 1)),
    );
    return tensorOfNumbers(dtype, indices.shape.length === 0 ? [shape.length] : [shape.length, flat.length], found);
  });
};

/** Operations that give numbers a place. */
export const COUNTING: KernelTable = {
  Bucketize: bucketize,
  HistogramFixedWidth: histogram,
  UnravelIndex: unravel,
};
