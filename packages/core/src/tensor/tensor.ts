import { ServingError } from "../errors.js";
import { type DType, isStorageOf, lanesOf, type TensorData } from "./dtype.js";

/** A dense array of one dtype: `data` in row-major order, `shape` with one size per dimension ([] for a scalar). */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** The number of elements of a shape: the product of its sizes, 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const dimension of shape) size *= dimension;
  return size;
}

/**
 * A tensor over `data`, which is not copied.
 * @throws ServingError INVALID_ARGUMENT if a size is not a non-negative integer, or `data` is not the storage of
 * `dtype` or has another number of elements than `shape`
 */
export function makeTensor(dtype: DType, shape: readonly number[], data: TensorData): Tensor {
  const size = sizeOf(shape);
  if (!shape.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0) || !Number.isSafeInteger(size)) {
    throw new ServingError("INVALID_ARGUMENT", `[${shape.join(", ")}] is not a shape`);
  }
  if (!isStorageOf(dtype, data)) {
    throw new ServingError("INVALID_ARGUMENT", `this kind of array does not hold the elements of ${dtype}`);
  }
  if (data.length !== size * lanesOf(dtype)) {
    throw new ServingError(
      "INVALID_ARGUMENT",
      `shape [${shape.join(", ")}] of ${dtype} wants ${size * lanesOf(dtype)} values, got ${data.length}`,
    );
  }
  return { dtype, shape, data };
}
