import { allocate, type DType, sizeOf, type Tensor, type TensorData } from "@servable/core";
import { checkedShape, formatShape, mismatch } from "./shapes.js";
import type { Elements } from "./strided.js";

/** The parts of a tensor along its first dimension, of lengths that add up to its size. They share its memory. */
export function partsOf(tensor: Tensor, lengths: readonly number[]): readonly Tensor[] {
  const [size = 0, ...rest] = tensor.shape;
  if (tensor.shape.length === 0) throw mismatch("a scalar cannot be taken apart");
  if (lengths.some((length) => length < 0) || lengths.reduce((sum, length) => sum + length, 0) !== size) {
    throw mismatch(`lengths ${lengths.join(", ")} do not add up to ${size}`);
  }
  const step = sizeOf(rest);
  let start = 0;
  return lengths.map((length) => {
    const part = {
      dtype: tensor.dtype,
      shape: [length, ...rest],
      data: viewOf(tensor.data, start, start + length * step),
    };
    start += length * step;
    return part;
  });
}

/** The elements of a tensor along its first dimension, which they do not have any more. They share its memory. */
export function rowsOf(tensor: Tensor): readonly Tensor[] {
  const [size = 0, ...shape] = tensor.shape;
  return partsOf(
    tensor,
    Array.from({ length: size }, () => 1),
  ).map((row) => ({ ...row, shape }));
}

function viewOf(data: TensorData, start: number, end: number): TensorData {
  return ArrayBuffer.isView(data) ? (data.subarray(start, end) as TensorData) : data.slice(start, end);
}

/** Tensors one after another, as the elements of a tensor of that shape. */
export function joined(parts: readonly Tensor[], { dtype, shape }: { dtype: DType; shape: readonly number[] }): Tensor {
  const data = allocate(dtype, sizeOf(checkedShape(shape)));
  let at = 0;
  for (const part of parts) {
    if (ArrayBuffer.isView(data)) (data as Float32Array).set(part.data as Float32Array, at);
    else for (const [index, element] of part.data.entries()) (data as unknown as Elements)[at + index] = element;
    at += part.data.length;
  }
  return { dtype, shape, data };
}

/** The shape of all of them, for tensors that must be alike. @throws ServingError INVALID_ARGUMENT if they are not */
export function commonShape(shapes: readonly (readonly number[])[]): readonly number[] | undefined {
  const [first, ...rest] = shapes;
  const other = rest.find((shape) => shape.join() !== first?.join());
  if (first !== undefined && other !== undefined) {
    throw mismatch(`elements of shapes ${formatShape(first)} and ${formatShape(other)} do not go together`);
  }
  return first;
}
