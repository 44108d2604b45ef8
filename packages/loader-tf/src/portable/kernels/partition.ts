import { sizeOf, type Tensor } from "@servable/core";
import { intAttribute } from "../graph/attributes.js";
import { DTYPES, dtypeAmong } from "../graph/dtypes.js";
import { type KernelFactory, type KernelTable, onHost, onHostMany } from "../run/kernel.js";
import { checkedLength } from "./host/allowance.js";
import { blank, elementsOf } from "./host/elements.js";
import { formatShape, integersOf, mismatch } from "./host/shapes.js";

const partition: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  const count = intAttribute(node, "num_partitions");
  return onHostMany((data, partitions) => {
    const rank = partitions.shape.length;
    if (data.shape.slice(0, rank).join() !== partitions.shape.join()) {
      throw mismatch(`partitions ${formatShape(partitions.shape)} for ${formatShape(data.shape)}`);
    }
    const row = data.shape.slice(rank);
    const rows: number[][] = Array.from({ length: checkedLength(count) }, () => []);
    for (const [at, target] of integersOf(partitions).entries()) {
      const list = rows[target];
      if (list === undefined) throw mismatch(`partition ${target} lies outside of [0, ${count})`);
      list.push(at);
    }
    return rows.map((list) => rowsOf(data, row, list));
  });
};

function rowsOf(data: Tensor, row: readonly number[], list: readonly number[]): Tensor {
  const length = sizeOf(row);
  const result = blank(data.dtype, [list.length, ...row]);
  const [source, target] = [elementsOf(data), elementsOf(result)];
  let to = 0;
  for (const from of list) for (let at = 0; at < length; at++) target[to++] = source[from * length + at];
  return result;
}

/** Puts the rows of the second half of the inputs where the first half says; later ones win. */
const stitch: KernelFactory = (node) => {
  dtypeAmong(node, "T", DTYPES.any);
  return onHost((...inputs) => {
    const half = inputs.length / 2;
    const indices = inputs.slice(0, half).map(integersOf);
    const [first] = inputs.slice(half);
    if (first === undefined) throw mismatch("there is nothing to stitch");
    const row = first.shape.slice(inputs[0]?.shape.length ?? 0);
    const length = sizeOf(row);
    const rows = indices.flat().reduce((most, index) => Math.max(most, index + 1), 0);
    const result = blank(first.dtype, [rows, ...row]);
    const target = elementsOf(result);
    for (const [part, data] of inputs.slice(half).entries()) {
      const shape = [...(inputs[part]?.shape ?? []), ...row];
      if (data.shape.join() !== shape.join()) {
        throw mismatch(`data ${formatShape(data.shape)} where ${formatShape(shape)} is wanted`);
      }
      const source = elementsOf(data);
      for (const [from, to] of (indices[part] ?? []).entries()) {
        if (to < 0) throw mismatch(`index ${to} is negative`);
        for (let at = 0; at < length; at++) target[to * length + at] = source[from * length + at];
      }
    }
    return result;
  });
};

/** Operations that send rows to several tensors and bring them together again. */
export const PARTITION: KernelTable = {
  DynamicPartition: partition,
  DynamicStitch: stitch,
  ParallelDynamicStitch: stitch,
};
