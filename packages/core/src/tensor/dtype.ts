/** Element types of tensors, with TensorFlow's names in lower case. */
export type DType =
  | "float32"
  | "float64"
  | "float16"
  | "bfloat16"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "bool"
  | "string"
  | "complex64"
  | "complex128";

/** How the elements of a tensor are kept. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | readonly Uint8Array[];

/** A typed array that numbers of a dtype are kept in. */
export type TypedTensorData = Exclude<TensorData, readonly Uint8Array[]>;

interface TypedArrayConstructor {
  new (length: number): TypedTensorData;
  readonly BYTES_PER_ELEMENT: number;
}

interface Storage {
  /** The typed array; undefined for string, whose elements are byte strings in a plain array. */
  readonly array: TypedArrayConstructor | undefined;
  /** Array elements per tensor element: 2 for complex numbers (real, imaginary), else 1. */
  readonly lanes: 1 | 2;
}

/**
 * How each dtype is kept: half and bfloat16 widened to Float32Array, bool as 0 and 1 in Uint8Array, complex numbers
 * as pairs (real, imaginary).
 */
const STORAGE: Record<DType, Storage> = {
  float32: { array: Float32Array, lanes: 1 },
  float64: { array: Float64Array, lanes: 1 },
  float16: { array: Float32Array, lanes: 1 },
  bfloat16: { array: Float32Array, lanes: 1 },
  int8: { array: Int8Array, lanes: 1 },
  int16: { array: Int16Array, lanes: 1 },
  int32: { array: Int32Array, lanes: 1 },
  int64: { array: BigInt64Array, lanes: 1 },
  uint8: { array: Uint8Array, lanes: 1 },
  uint16: { array: Uint16Array, lanes: 1 },
  uint32: { array: Uint32Array, lanes: 1 },
  uint64: { array: BigUint64Array, lanes: 1 },
  bool: { array: Uint8Array, lanes: 1 },
  string: { array: undefined, lanes: 1 },
  complex64: { array: Float32Array, lanes: 2 },
  complex128: { array: Float64Array, lanes: 2 },
};

/** Array elements that one tensor element of `dtype` takes: 2 for complex numbers, else 1. */
export function lanesOf(dtype: DType): 1 | 2 {
  return STORAGE[dtype].lanes;
}

const EMPTY = /* @__PURE__ */ new Uint8Array(0);

/** Storage for `size` elements of `dtype`: zeros, false, or empty byte strings. */
export function allocate(dtype: DType, size: number): TypedTensorData | Uint8Array[] {
  const { array, lanes } = STORAGE[dtype];
  // An empty string is like any other, and an object of its own would take as much memory as a short one.
  return array === undefined ? Array.from({ length: size }, () => EMPTY) : new array(size * lanes);
}

/** Whether `data` is what a tensor of `dtype` is kept in, whatever its length. */
export function isStorageOf(dtype: DType, data: unknown): data is TensorData {
  const { array } = STORAGE[dtype];
  if (array !== undefined) return data instanceof array;
  return Array.isArray(data) && data.every((element) => element instanceof Uint8Array);
}
