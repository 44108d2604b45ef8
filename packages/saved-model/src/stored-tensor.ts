import { type DataTypeName, dataTypeEnumName, dataTypeName } from "@servable/tf-proto";
import { fromHalfBits } from "./half-bits.js";
import { SavedModelError } from "./saved-model-error.js";

/** The elements of a stored tensor: half and bfloat16 widened to Float32Array, bool as 0 and 1, complex as pairs. */
export type StoredData =
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

/** A tensor read from a file. */
export interface StoredTensor {
  readonly dtype: DataTypeName;
  readonly shape: readonly number[];
  readonly data: StoredData;
}

const ITEM_BYTES: Record<Exclude<DataTypeName, "string">, number> = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  bool: 1,
  complex64: 8,
  complex128: 16,
};

/** Bytes per element on disk. */
export function itemBytes(dtype: Exclude<DataTypeName, "string">): number {
  return ITEM_BYTES[dtype];
}

/** @throws SavedModelError UNSUPPORTED for a type that no tensor has here */
export function storedDType(code: number, where: string): DataTypeName {
  const dtype = dataTypeName(code);
  if (dtype !== undefined) return dtype;
  throw new SavedModelError("UNSUPPORTED", `${where}: tensors of ${dataTypeEnumName(code)} are not supported`);
}

/**
 * Elements of any dtype but string from their little-endian bytes.
 *
 * Takes over the memory of `bytes` where they have a buffer of their own, as weights read by range do; copies them
 * where they are a part of something larger, which the tensor must not keep alive.
 */
export function dataFromBytes(dtype: Exclude<DataTypeName, "string">, bytes: Uint8Array): StoredData {
  const { buffer } = bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
  switch (dtype) {
    case "float32":
    case "complex64":
      return new Float32Array(buffer);
    case "float64":
    case "complex128":
      return new Float64Array(buffer);
    case "float16":
    case "bfloat16":
      return fromHalfBits(dtype, new Uint16Array(buffer));
    case "int8":
      return new Int8Array(buffer);
    case "int16":
      return new Int16Array(buffer);
    case "int32":
      return new Int32Array(buffer);
    case "int64":
      return new BigInt64Array(buffer);
    case "uint8":
      return new Uint8Array(buffer);
    case "bool":
      return new Uint8Array(buffer).map((byte) => (byte === 0 ? 0 : 1));
    case "uint16":
      return new Uint16Array(buffer);
    case "uint32":
      return new Uint32Array(buffer);
    case "uint64":
      return new BigUint64Array(buffer);
  }
}
