import {
  type DType,
  isStorageOf,
  lanesOf,
  makeTensor,
  ServingError,
  sizeOf,
  type Tensor,
  tensor,
} from "@servable/core";
import type { SignatureTensor } from "@servable/saved-model";
import type { TfInput } from "./tf-servable.js";

/**
 * The tensor that a caller's value is, for an input of a signature.
 * @throws ServingError INVALID_ARGUMENT, with the input's name, if it has another dtype or shape
 */
export function inputTensor(value: TfInput, { dtype, shape }: SignatureTensor, name: string): Tensor {
  const made = asTensor(value, { dtype, shape, name });
  if (made.dtype !== dtype) throw misfit(name, `dtype ${dtype}, got ${made.dtype}`);
  const fits =
    shape === undefined ||
    (shape.length === made.shape.length && shape.every((size, axis) => size === -1 || size === made.shape[axis]));
  if (fits) return made;
  throw misfit(name, `shape ${written(shape ?? [])}, got ${written(made.shape)}`);
}

interface Wanted {
  readonly dtype: DType;
  readonly shape: readonly number[] | undefined;
  readonly name: string;
}

function asTensor(value: TfInput, { dtype, shape, name }: Wanted): Tensor {
  try {
    if (isTensor(value)) return makeTensor(value.dtype, value.shape, value.data);
    if (isStorageOf(dtype, value) && ArrayBuffer.isView(value)) {
      return makeTensor(dtype, shapeOfFlat(value.length / lanesOf(dtype), shape), value);
    }
    return tensor(value, dtype);
  } catch (error) {
    throw ServingError.is(error)
      ? new ServingError(error.code, `input ${name}: ${error.message}`, { cause: error })
      : error;
  }
}

function isTensor(value: TfInput): value is Tensor {
  return typeof value === "object" && !Array.isArray(value) && "dtype" in value && "data" in value;
}

/** The shape of all elements in one typed array: the signature's, with the one size that it leaves open filled in. */
function shapeOfFlat(length: number, shape: readonly number[] | undefined): readonly number[] {
  const open = shape?.filter((size) => size === -1).length ?? 0;
  if (shape === undefined || open === 0 || shape.length === 1)
    return shape !== undefined && open === 0 ? shape : [length];
  const known = sizeOf(shape.filter((size) => size !== -1));
  if (open === 1 && known > 0 && length % known === 0)
    return shape.map((size) => (size === -1 ? length / known : size));
  throw new ServingError(
    "INVALID_ARGUMENT",
    `${length} values do not tell how shape ${written(shape)} is filled; give a tensor with its shape`,
  );
}

function misfit(name: string, wanted: string): ServingError {
  return new ServingError("INVALID_ARGUMENT", `input ${name} needs ${wanted}`);
}

function written(shape: readonly number[]): string {
  return `[${shape.map((size) => (size === -1 ? "?" : size)).join(", ")}]`;
}
