import { allocate, lanesOf, ServingError, sizeOf, type Tensor } from "@servable/core";

/**
 * The sizes after the first that hold every one of some tensors of one rank: the largest along each dimension.
 */
export function widestTail(tensors: readonly Tensor[]): readonly number[] {
  const [first] = tensors;
  if (first === undefined) return [];
  return first.shape.slice(1).map((_, axis) => Math.max(...tensors.map(({ shape }) => shape[axis + 1] ?? 0)));
}

/**
 * A tensor with its dimensions after the first filled up at their end to the sizes `tail`. As in TensorFlow Serving
 * (`pad_variable_length_inputs`) the filling is the tensor's own first element.
 * @returns the tensor itself where nothing is to be filled
 * @throws ServingError INTERNAL for a tensor without elements, or one that is larger
 */
export function padTail(tensor: Tensor, tail: readonly number[]): Tensor {
  const { dtype, shape, data } = tensor;
  if (tail.every((size, axis) => size === shape[axis + 1])) return tensor;
  const lanes = lanesOf(dtype);
  const padded = [shape[0] ?? 0, ...tail];
  if (data.length === 0 || padded.length !== shape.length || padded.some((size, axis) => size < (shape[axis] ?? 0))) {
    throw new ServingError("INTERNAL", `shape [${shape.join(", ")}] cannot be padded to [${padded.join(", ")}]`);
  }
  const target = allocate(dtype, sizeOf(padded));
  const to: Record<number, unknown> = target;
  for (let index = 0; index < target.length; index++) to[index] = data[index % lanes];
  const copy = (axis: number, from: number, at: number): void => {
    const size = shape[axis] ?? 0;
    const [step, stride] = [lanes * sizeOf(shape.slice(axis + 1)), lanes * sizeOf(padded.slice(axis + 1))];
    for (let index = 0; index < size; index++) {
      if (step > lanes) copy(axis + 1, from + index * step, at + index * stride);
      else for (let lane = 0; lane < lanes; lane++) to[at + index * stride + lane] = data[from + index * step + lane];
    }
  };
  copy(0, 0, 0);
  return { dtype, shape: padded, data: target };
}
