import { sizeOf, type Tensor } from "@servable/core";
import { DTYPES, dtypeAmong } from "../../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHostMany } from "../../run/kernel.js";
import { blank, tensorOfNumbers } from "../host/elements.js";
import { partitionOfSplits } from "../host/partition.js";
import { mismatch, stridesOf } from "../host/shapes.js";
import { nestedSplits } from "../host/splits.js";

/** Each value gets the index that it would have were all rows equally long. */
const toSparse: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  return onHostMany((...inputs) => {
    const values = inputs.at(-1);
    if (values === undefined || inputs.length < 2) throw mismatch("a ragged tensor lacks its splits");
    const partitions = nestedSplits(inputs.slice(0, -1), values).map(partitionOfSplits);
    const [, ...row] = values.shape;
    const shape = [partitions[0]?.rows ?? 0, ...partitions.map(({ widest }) => widest), ...row];
    const size = sizeOf(values.shape);
    const indices = blank("int64", [size, shape.length]);
    const target = indices.data as BigInt64Array;
    const strides = stridesOf(row);
    const step = sizeOf(row);
    for (let at = 0; at < size; at++) {
      const end = (at + 1) * shape.length;
      for (const [axis, stride] of strides.entries()) {
        target[end - row.length + axis] = BigInt(Math.floor(at / stride) % (row[axis] ?? 1));
      }
      let element = Math.floor(at / step);
      for (let axis = partitions.length; axis > 0; axis--) {
        const [next, column] = partitions[axis - 1]?.place(element) ?? [0, 0];
        target[end - shape.length + axis] = BigInt(column);
        element = next;
      }
      target[end - shape.length] = BigInt(element);
    }
    const flat: Tensor = { ...values, shape: [size] };
    return [indices, flat, tensorOfNumbers("int64", [shape.length], shape)];
  });
};

/** Ragged tensors that become sparse ones. */
export const RAGGED_TO_SPARSE: KernelTable = { RaggedTensorToSparse: toSparse };
